/** A linkage document with everything in it: a French table and a Japanese one. */
export const LINKAGE = {
  format: 'kakehashi/linkage/1',
  left: {
    id: 'pid',
    family: 'nom',
    given: 'prenom',
    birth: 'naissance',
    sex: 'sexe',
    encoding: 'utf-8',
  },
  right: {
    id: '番号',
    family: 'せい',
    given: 'めい',
    birth: 'birth',
    sex: 'sex',
    encoding: 'shift_jis',
  },
  passes: [
    ['family', 'given', 'birth'],
    ['family', 'birth', 'sex'],
  ],
  match: 'one-to-one',
};

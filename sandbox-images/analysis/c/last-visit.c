/*
 * Of the women of a block: the mean of the value at each one's last visit, the share of rows without a value, and the
 * mean age. In C, with every accessor of kakehashi.h; no library, no imports. From the root of the project:
 *
 *     clang --target=wasm32 -nostdlib -O2 -Wl,--no-entry -Wl,--strip-all -Wl,--max-memory=1048576 \
 *       -I sandbox-images/analysis -o last-visit.wasm sandbox-images/analysis/c/last-visit.c
 *     npx kakehashi image build last-visit.wasm --declaration sandbox-images/analysis/c/last-visit.json --out last-visit.tar
 */
#include "kakehashi.h"

/* In the order of last-visit.json. */
enum { SEX, VISIT, VALUE, AGE };
enum { WOMAN = 0 };

KAKEHASHI_RESERVE

static kakehashi_record record;

/* Rounded to the nearest, of a value that is not negative. */
static int64_t rounded(double value) { return (int64_t)(value + 0.5); }

KAKEHASHI_EXPORT(run) const kakehashi_record *run(const kakehashi_table *table) {
  double sum = 0, ages = 0;
  uint32_t women = 0, aged = 0, rows = 0, missing = 0;
  for (uint32_t person = 0; person < table->people; person += 1) {
    int32_t end = kakehashi_first_row(table, person + 1), last = -1;
    for (int32_t row = kakehashi_first_row(table, person); row < end; row += 1) {
      if (!kakehashi_has(table, SEX, row) || kakehashi_code(table, SEX, row) != WOMAN) continue;
      rows += 1;
      if (!kakehashi_has(table, VALUE, row)) {
        missing += 1;
        continue;
      }
      if (!kakehashi_has(table, VISIT, row)) continue;
      if (last < 0 || kakehashi_code(table, VISIT, row) > kakehashi_code(table, VISIT, last)) last = row;
    }
    if (last < 0) continue;
    women += 1;
    sum += kakehashi_number(table, VALUE, last);
    if (!kakehashi_has(table, AGE, last)) continue;
    aged += 1;
    ages += (double)kakehashi_integer(table, AGE, last);
  }
  record.version = 1;
  record.fields = 3;
  record.value[0] = women == 0 ? 70 : rounded(10 * sum / women);
  record.value[1] = rows == 0 ? 0 : rounded(1000.0 * missing / rows);
  record.value[2] = aged == 0 ? 500 : rounded(10 * ages / aged);
  return &record;
}

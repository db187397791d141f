/**
 * A seccomp filter (seccomp(2), classic BPF) for the process of an image: what opens a way out of a
 * process is refused with EPERM, whatever the namespaces are. A list of what is refused, not of what is
 * allowed: the engine inside may use whatever else a new version of it needs. exec is allowed,
 * because the process itself begins with it, and finds nothing to execute but node. clone makes threads, which
 * the engine has, and no processes; clone3 has its flags where a filter does not see them, and says that it
 * is not there, so that libraries take clone.
 * @module
 */

/** linux/audit.h, and the numbers of the architecture's table. */
type Architecture = {
  readonly audit: number;
  readonly clone: number;
  readonly refused: readonly number[];
};

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    clone: 56,
    refused: [
      // fork vfork
      ...[57, 58],
      // socket connect accept sendto bind listen socketpair accept4
      ...[41, 42, 43, 44, 49, 50, 53, 288],
      // ptrace process_vm_readv process_vm_writev kcmp perf_event_open bpf userfaultfd
      ...[101, 310, 311, 312, 298, 321, 323],
      // mount umount2 pivot_root chroot unshare setns and the newer calls for mounts
      ...[165, 166, 155, 161, 272, 308, 428, 429, 430, 431, 432, 442],
      // add_key request_key keyctl, kernel modules, kexec, io_uring, memfd_create, swap, reboot
      ...[248, 249, 250, 175, 176, 313, 246, 320, 425, 426, 427, 319, 167, 168, 169],
      // shmget shmat semget msgget mq_open
      ...[29, 30, 64, 68, 240],
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    clone: 220,
    refused: [
      ...[198, 203, 202, 206, 200, 201, 199, 242],
      ...[117, 270, 271, 272, 241, 280, 282],
      ...[40, 39, 41, 51, 97, 268, 428, 429, 430, 431, 432, 442],
      ...[217, 218, 219, 105, 106, 273, 104, 294, 425, 426, 427, 279, 224, 225, 142],
      ...[194, 196, 190, 186, 180],
    ],
  },
};

/** The same number everywhere. */
const CLONE3 = 435;

/** linux/bpf_common.h, linux/seccomp.h, linux/sched.h. */
const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_ABOVE = 0x25;
const JUMP_BITS = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const AT_NUMBER = 0;
const AT_ARCHITECTURE = 4;
/** The low half of the first argument, on a little-endian machine. */
const AT_FLAGS = 16;
const CLONE_THREAD = 0x00010000;
/** Numbers from here on are of the x32 interface, which the list does not cover. */
const X32 = 0x3fffffff;

type Line = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** What the list of numbers leads to, by place behind its end. */
const ENDS = { allow: 0, clone: 1, refuse: 4, absent: 5 } as const;
const END_LINES: readonly Line[] = [
  [RETURN, 0, 0, ALLOW],
  [LOAD, 0, 0, AT_FLAGS],
  [JUMP_BITS, 0, 1, CLONE_THREAD],
  [RETURN, 0, 0, ALLOW],
  [RETURN, 0, 0, EPERM],
  [RETURN, 0, 0, ENOSYS],
];

/** The program, 8 bytes an instruction; undefined on other machines. */
export function seccompFilter(machine: string = process.arch): Uint8Array | undefined {
  const found = ARCHITECTURES[machine];
  if (found === undefined) return undefined;
  const { audit, clone, refused } = found;
  const tests: readonly (readonly [code: number, number: number, end: number])[] = [
    [JUMP_ABOVE, X32, ENDS.refuse],
    [JUMP_EQUAL, CLONE3, ENDS.absent],
    [JUMP_EQUAL, clone, ENDS.clone],
    ...refused.map((number) => [JUMP_EQUAL, number, ENDS.refuse] as const),
  ];
  const lines: Line[] = [
    [LOAD, 0, 0, AT_ARCHITECTURE],
    [JUMP_EQUAL, 1, 0, audit],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, AT_NUMBER],
    // Over the tests that are left.
    ...tests.map(([code, number, end], i): Line => [code, tests.length - 1 - i + end, 0, number]),
    ...END_LINES,
  ];
  const program = new Uint8Array(8 * lines.length);
  const view = new DataView(program.buffer);
  lines.forEach(([code, ifTrue, ifFalse, value], i) => {
    view.setUint16(8 * i, code, true);
    view.setUint8(8 * i + 2, ifTrue);
    view.setUint8(8 * i + 3, ifFalse);
    view.setUint32(8 * i + 4, value, true);
  });
  return program;
}

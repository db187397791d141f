/**
 * A seccomp filter (seccomp(2), classic BPF) for the process of an image: what opens a way out of a
 * process is refused with EPERM, whatever the namespaces are. A list of what is refused, not of what is
 * allowed: the engine inside may use whatever else a new version of it needs. exec is allowed,
 * because the process itself begins with it, and finds nothing to execute but node.
 * @module
 */

/** linux/audit.h, and the numbers of the architecture's table. */
type Architecture = { readonly audit: number; readonly refused: readonly number[] };

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    refused: [
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
    refused: [
      ...[198, 203, 202, 206, 200, 201, 199, 242],
      ...[117, 270, 271, 272, 241, 280, 282],
      ...[40, 39, 41, 51, 97, 268, 428, 429, 430, 431, 432, 442],
      ...[217, 218, 219, 105, 106, 273, 104, 294, 425, 426, 427, 279, 224, 225, 142],
      ...[194, 196, 190, 186, 180],
    ],
  },
};

/** linux/bpf_common.h and linux/seccomp.h. */
const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_ABOVE = 0x25;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const AT_NUMBER = 0;
const AT_ARCHITECTURE = 4;
/** Numbers from here on are of the x32 interface, which the list does not cover. */
const X32 = 0x3fffffff;

type Line = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** The program, 8 bytes an instruction; undefined on other machines. */
export function seccompFilter(machine: string = process.arch): Uint8Array | undefined {
  const found = ARCHITECTURES[machine];
  if (found === undefined) return undefined;
  const { audit, refused } = found;
  const lines: Line[] = [
    [LOAD, 0, 0, AT_ARCHITECTURE],
    [JUMP_EQUAL, 1, 0, audit],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, AT_NUMBER],
    [JUMP_ABOVE, refused.length + 1, 0, X32],
    // To the last line, over those that are left.
    ...refused.map((number, i): Line => [JUMP_EQUAL, refused.length - i, 0, number]),
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, EPERM],
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

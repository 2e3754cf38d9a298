#include "textflag.h"

// first<> + 32·r is the mask of the first r of four lanes, r ≤ 4.
DATA first<>+0x00(SB)/8, $0
DATA first<>+0x08(SB)/8, $0
DATA first<>+0x10(SB)/8, $0
DATA first<>+0x18(SB)/8, $0
DATA first<>+0x20(SB)/8, $-1
DATA first<>+0x28(SB)/8, $0
DATA first<>+0x30(SB)/8, $0
DATA first<>+0x38(SB)/8, $0
DATA first<>+0x40(SB)/8, $-1
DATA first<>+0x48(SB)/8, $-1
DATA first<>+0x50(SB)/8, $0
DATA first<>+0x58(SB)/8, $0
DATA first<>+0x60(SB)/8, $-1
DATA first<>+0x68(SB)/8, $-1
DATA first<>+0x70(SB)/8, $-1
DATA first<>+0x78(SB)/8, $0
DATA first<>+0x80(SB)/8, $-1
DATA first<>+0x88(SB)/8, $-1
DATA first<>+0x90(SB)/8, $-1
DATA first<>+0x98(SB)/8, $-1
GLOBL first<>(SB), RODATA|NOPTR, $160

// SPLIT takes four entries of the low-rank part in L: it reads the data at
// off(SI), sets those at off(DI) to the data where they lie within Y15 of L and
// to L elsewhere, and adds the squares of the former's differences to SUM and
// their numbers to Y12. Y14 clears signs. Y4 … Y7 are scratch.
#define SPLIT(off, L, SUM) \
	VMOVUPD off(SI), Y4; \
	VSUBPD L, Y4, Y5; \
	VANDPD Y14, Y5, Y6; \
	VCMPPD $18, Y15, Y6, Y7; \
	VBLENDVPD Y7, Y4, L, Y4; \
	VANDPD Y7, Y5, Y5; \
	VPSUBQ Y7, Y12, Y12; \
	VFMADD231PD Y5, Y5, SUM; \
	VMOVUPD Y4, off(DI)

// func thresholdAVX2(dst, d *float64, n int, u *float64, k int, vt *float64, stride int, zeta float64) (sum float64, kept int)
TEXT ·thresholdAVX2(SB), NOSPLIT, $0-80
	MOVQ dst+0(FP), DI
	MOVQ d+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ u+24(FP), R8
	MOVQ k+32(FP), R9
	MOVQ vt+40(FP), R10
	MOVQ stride+48(FP), R11
	VBROADCASTSD zeta+56(FP), Y15
	SHLQ $3, R11
	VPCMPEQD Y14, Y14, Y14
	VPSRLQ $1, Y14, Y14
	VXORPD Y13, Y13, Y13
	VXORPD Y11, Y11, Y11
	VXORPD Y12, Y12, Y12
	SUBQ $16, CX
	JL   rest

loop:
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	MOVQ R8, R12
	MOVQ R10, R13
	MOVQ R9, BX
	TESTQ BX, BX
	JEQ  split

low:
	VBROADCASTSD (R12), Y8
	VFMADD231PD (R13), Y8, Y0
	VFMADD231PD 32(R13), Y8, Y1
	VFMADD231PD 64(R13), Y8, Y2
	VFMADD231PD 96(R13), Y8, Y3
	ADDQ $8, R12
	ADDQ R11, R13
	DECQ BX
	JNE  low

split:
	SPLIT(0, Y0, Y13)
	SPLIT(32, Y1, Y11)
	SPLIT(64, Y2, Y13)
	SPLIT(96, Y3, Y11)
	ADDQ $128, DI
	ADDQ $128, SI
	ADDQ $128, R10
	SUBQ $16, CX
	JGE  loop

rest:
	ADDQ $16, CX
	JEQ  done

few: // the next min(CX, 4) entries
	MOVQ $4, AX
	CMPQ CX, AX
	CMOVQLT CX, AX
	SHLQ $5, AX
	LEAQ first<>(SB), DX
	VMOVUPD (DX)(AX*1), Y9
	VXORPD Y0, Y0, Y0
	MOVQ R8, R12
	MOVQ R10, R13
	MOVQ R9, BX
	TESTQ BX, BX
	JEQ  fewsplit

fewlow:
	VBROADCASTSD (R12), Y8
	VMASKMOVPD (R13), Y9, Y1
	VFMADD231PD Y1, Y8, Y0
	ADDQ $8, R12
	ADDQ R11, R13
	DECQ BX
	JNE  fewlow

fewsplit:
	VMASKMOVPD (SI), Y9, Y4
	VSUBPD Y0, Y4, Y5
	VANDPD Y14, Y5, Y6
	VCMPPD $18, Y15, Y6, Y7
	VANDPD Y9, Y7, Y7
	VBLENDVPD Y7, Y4, Y0, Y4
	VANDPD Y7, Y5, Y5
	VPSUBQ Y7, Y12, Y12
	VFMADD231PD Y5, Y5, Y13
	VMASKMOVPD Y4, Y9, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $32, R10
	SUBQ $4, CX
	JG   few

done:
	VADDPD Y11, Y13, Y13
	VEXTRACTF128 $1, Y13, X0
	VADDPD X0, X13, X13
	VHADDPD X13, X13, X13
	VMOVSD X13, sum+64(FP)
	VEXTRACTI128 $1, Y12, X0
	VPADDQ X0, X12, X12
	VPSRLDQ $8, X12, X0
	VPADDQ X0, X12, X12
	VMOVQ X12, AX
	MOVQ AX, kept+72(FP)
	VZEROUPPER
	RET

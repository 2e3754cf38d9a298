#include "textflag.h"

// tails<> + 32·r is the mask of the first r of four lanes.
DATA tails<>+0x00(SB)/8, $0
DATA tails<>+0x08(SB)/8, $0
DATA tails<>+0x10(SB)/8, $0
DATA tails<>+0x18(SB)/8, $0
DATA tails<>+0x20(SB)/8, $-1
DATA tails<>+0x28(SB)/8, $0
DATA tails<>+0x30(SB)/8, $0
DATA tails<>+0x38(SB)/8, $0
DATA tails<>+0x40(SB)/8, $-1
DATA tails<>+0x48(SB)/8, $-1
DATA tails<>+0x50(SB)/8, $0
DATA tails<>+0x58(SB)/8, $0
DATA tails<>+0x60(SB)/8, $-1
DATA tails<>+0x68(SB)/8, $-1
DATA tails<>+0x70(SB)/8, $-1
DATA tails<>+0x78(SB)/8, $0
GLOBL tails<>(SB), RODATA|NOPTR, $128

// TAIL sets Y15 to the mask of the last k mod 4 lanes and turns k into the
// bytes of the whole vectors before them; s and t are scratch.
#define TAIL(k, s, t) \
	MOVQ k, s; \
	ANDQ $3, s; \
	SHLQ $5, s; \
	LEAQ tails<>(SB), t; \
	VMOVUPD (t)(s*1), Y15; \
	ANDQ $-4, k; \
	SHLQ $3, k

// ROW sets p to the row of the matrix at R8, rows AX bytes apart, that the
// index at off(R9) names.
#define ROW(off, p) \
	MOVLQSX off(R9), p; \
	IMULQ AX, p; \
	ADDQ R8, p

// func gatherDotAVX2(dst, b, x *float64, k int, y *float64, stride int, idx *int32, n int)
TEXT ·gatherDotAVX2(SB), NOSPLIT, $0-64
	MOVQ k+24(FP), R15
	TAIL(R15, AX, DX)
	MOVQ dst+0(FP), DI
	MOVQ b+8(FP), BX
	MOVQ x+16(FP), SI
	MOVQ y+32(FP), R8
	MOVQ stride+40(FP), AX
	MOVQ idx+48(FP), R9
	MOVQ n+56(FP), CX
	SHLQ $3, AX
	VMASKMOVPD (SI)(R15*1), Y15, Y14
	SUBQ $4, CX
	JL   gdrest

gdloop:
	ROW(0, R10)
	ROW(4, R11)
	ROW(8, R12)
	ROW(12, R13)
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	XORQ DX, DX
	CMPQ DX, R15
	JGE  gdtail

gdvector:
	VMOVUPD (SI)(DX*1), Y8
	VFMADD231PD (R10)(DX*1), Y8, Y0
	VFMADD231PD (R11)(DX*1), Y8, Y1
	VFMADD231PD (R12)(DX*1), Y8, Y2
	VFMADD231PD (R13)(DX*1), Y8, Y3
	ADDQ $32, DX
	CMPQ DX, R15
	JLT  gdvector

gdtail:
	TESTQ $3, k+24(FP)
	JEQ  gdsum
	VMASKMOVPD (R10)(DX*1), Y15, Y4
	VMASKMOVPD (R11)(DX*1), Y15, Y5
	VMASKMOVPD (R12)(DX*1), Y15, Y6
	VMASKMOVPD (R13)(DX*1), Y15, Y7
	VFMADD231PD Y4, Y14, Y0
	VFMADD231PD Y5, Y14, Y1
	VFMADD231PD Y6, Y14, Y2
	VFMADD231PD Y7, Y14, Y3

gdsum:
	VHADDPD Y1, Y0, Y0
	VHADDPD Y3, Y2, Y2
	VPERM2F128 $0x21, Y2, Y0, Y4
	VBLENDPD $0x0C, Y2, Y0, Y5
	VADDPD Y4, Y5, Y0
	TESTQ BX, BX
	JEQ  gdstore
	VSUBPD (BX), Y0, Y0
	ADDQ $32, BX

gdstore:
	VMOVUPD Y0, (DI)
	ADDQ $32, DI
	ADDQ $16, R9
	SUBQ $4, CX
	JGE  gdloop

gdrest:
	ADDQ $4, CX
	JEQ  gddone

gdone:
	ROW(0, R10)
	VXORPD Y0, Y0, Y0
	XORQ DX, DX
	CMPQ DX, R15
	JGE  gdonetail

gdonevector:
	VMOVUPD (SI)(DX*1), Y8
	VFMADD231PD (R10)(DX*1), Y8, Y0
	ADDQ $32, DX
	CMPQ DX, R15
	JLT  gdonevector

gdonetail:
	VMASKMOVPD (R10)(DX*1), Y15, Y4
	VFMADD231PD Y4, Y14, Y0
	VHADDPD Y0, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDSD X1, X0, X0
	TESTQ BX, BX
	JEQ  gdonestore
	VSUBSD (BX), X0, X0
	ADDQ $8, BX

gdonestore:
	VMOVSD X0, (DI)
	ADDQ $8, DI
	ADDQ $4, R9
	DECQ CX
	JNE  gdone

gddone:
	VZEROUPPER
	RET

// func gatherAddScaledAVX2(out *float64, k int, w, z *float64, stride int, idx *int32, n int)
TEXT ·gatherAddScaledAVX2(SB), NOSPLIT, $0-56
	MOVQ k+8(FP), R15
	TAIL(R15, AX, DX)
	MOVQ out+0(FP), DI
	MOVQ w+16(FP), BX
	MOVQ z+24(FP), R8
	MOVQ stride+32(FP), AX
	MOVQ idx+40(FP), R9
	MOVQ n+48(FP), CX
	SHLQ $3, AX
	VMASKMOVPD (DI)(R15*1), Y15, Y14
	SUBQ $4, CX
	JL   garest

galoop:
	ROW(0, R10)
	ROW(4, R11)
	ROW(8, R12)
	ROW(12, R13)
	VBROADCASTSD (BX), Y8
	VBROADCASTSD 8(BX), Y9
	VBROADCASTSD 16(BX), Y10
	VBROADCASTSD 24(BX), Y11
	XORQ DX, DX
	CMPQ DX, R15
	JGE  gatail

gavector:
	VMULPD (R10)(DX*1), Y8, Y0
	VMULPD (R11)(DX*1), Y9, Y1
	VFMADD231PD (R12)(DX*1), Y10, Y0
	VFMADD231PD (R13)(DX*1), Y11, Y1
	VADDPD Y1, Y0, Y0
	VADDPD (DI)(DX*1), Y0, Y0
	VMOVUPD Y0, (DI)(DX*1)
	ADDQ $32, DX
	CMPQ DX, R15
	JLT  gavector

gatail:
	TESTQ $3, k+8(FP)
	JEQ  ganext
	VMASKMOVPD (R10)(DX*1), Y15, Y4
	VMASKMOVPD (R11)(DX*1), Y15, Y5
	VMASKMOVPD (R12)(DX*1), Y15, Y6
	VMASKMOVPD (R13)(DX*1), Y15, Y7
	VMULPD Y4, Y8, Y0
	VMULPD Y5, Y9, Y1
	VFMADD231PD Y6, Y10, Y0
	VFMADD231PD Y7, Y11, Y1
	VADDPD Y1, Y0, Y0
	VADDPD Y0, Y14, Y14

ganext:
	ADDQ $32, BX
	ADDQ $16, R9
	SUBQ $4, CX
	JGE  galoop

garest:
	ADDQ $4, CX
	JEQ  gadone

gaone:
	ROW(0, R10)
	VBROADCASTSD (BX), Y8
	XORQ DX, DX
	CMPQ DX, R15
	JGE  gaonetail

gaonevector:
	VMOVUPD (DI)(DX*1), Y0
	VFMADD231PD (R10)(DX*1), Y8, Y0
	VMOVUPD Y0, (DI)(DX*1)
	ADDQ $32, DX
	CMPQ DX, R15
	JLT  gaonevector

gaonetail:
	VMASKMOVPD (R10)(DX*1), Y15, Y4
	VFMADD231PD Y4, Y8, Y14
	ADDQ $8, BX
	ADDQ $4, R9
	DECQ CX
	JNE  gaone

gadone:
	VMASKMOVPD Y14, Y15, (DI)(R15*1)
	VZEROUPPER
	RET

// func scatterAddScaledAVX2(y *float64, stride int, idx *int32, n int, w, x *float64, k int)
TEXT ·scatterAddScaledAVX2(SB), NOSPLIT, $0-56
	MOVQ y+0(FP), R8
	MOVQ stride+8(FP), AX
	MOVQ idx+16(FP), R9
	MOVQ n+24(FP), CX
	MOVQ w+32(FP), BX
	MOVQ x+40(FP), SI
	MOVQ k+48(FP), R15
	MOVQ R15, R11
	MOVQ R15, R12
	ANDQ $2, R11
	ANDQ $1, R12
	ANDQ $-4, R15
	SHLQ $3, R15
	SHLQ $3, AX

saloop:
	ROW(0, R10)
	VBROADCASTSD (BX), Y8
	XORQ DX, DX
	CMPQ DX, R15
	JGE  satwo

savector:
	VMOVUPD (R10)(DX*1), Y0
	VFMADD231PD (SI)(DX*1), Y8, Y0
	VMOVUPD Y0, (R10)(DX*1)
	ADDQ $32, DX
	CMPQ DX, R15
	JLT  savector

satwo:
	TESTQ R11, R11
	JEQ  saone
	VMOVUPD (R10)(DX*1), X0
	VFMADD231PD (SI)(DX*1), X8, X0
	VMOVUPD X0, (R10)(DX*1)
	ADDQ $16, DX

saone:
	TESTQ R12, R12
	JEQ  sanext
	VMOVSD (R10)(DX*1), X0
	VFMADD231SD (SI)(DX*1), X8, X0
	VMOVSD X0, (R10)(DX*1)

sanext:
	ADDQ $8, BX
	ADDQ $4, R9
	DECQ CX
	JNE  saloop
	VZEROUPPER
	RET

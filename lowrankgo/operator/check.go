package operator

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// The checks of the hot calls panic: shapes there are the programmer's. What
// users pass in is checked by constructors, which return errors.

func checkLen(name string, got, want int) {
	if got != want {
		panic(fmt.Sprintf("operator: %s has length %d, want the number of measurements, %d", name, got, want))
	}
}

func checkThin(x, y *mat.Dense, d1, d2 int) {
	x1, k := x.Dims()
	y1, ky := y.Dims()
	if x1 != d1 || y1 != d2 || k != ky {
		panic(fmt.Sprintf("operator: factors are %d×%d and %d×%d, want %d×k and %d×k", x1, k, y1, ky, d1, d2))
	}
}

func checkMul(dst, z *mat.Dense, trans bool, d1, d2 int) {
	if trans {
		d1, d2 = d2, d1
	}
	r, k := dst.Dims()
	zr, zk := z.Dims()
	if r != d1 || zr != d2 || k != zk {
		panic(fmt.Sprintf("operator: dst is %d×%d and z %d×%d, want %d×k and %d×k", r, k, zr, zk, d1, d2))
	}
}

package operator

import (
	"fmt"
	"math"
	"reflect"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// maxNumbers bounds what a map or its workspace may store: 1 TiB. Far above it
// the runtime would panic.
const maxNumbers = 1 << 37

// checkSizes is the check of constructors for m measurements of d1×d2 matrices
// that are all stored.
func checkSizes(d1, d2, m int) error {
	if err := checkShape(d1, d2); err != nil {
		return err
	}
	if m < 1 {
		return fmt.Errorf("operator: m = %d measurements; at least 1 is wanted: %w", m, lr.ErrEmpty)
	}
	if n := float64(d1) * float64(d2) * float64(m); n > maxNumbers || n > math.MaxInt/8 {
		return fmt.Errorf("operator: %d × %d×%d are %.2g numbers; at most %.2g are accepted: %w", m, d1, d2, n, min(maxNumbers, math.MaxInt/8.0), lr.ErrValue)
	}
	return nil
}

func checkShape(d1, d2 int) error {
	if d1 < 1 || d2 < 1 {
		return fmt.Errorf("operator: the shape is %d×%d; both sizes must be at least 1: %w", d1, d2, lr.ErrShape)
	}
	return nil
}

// copyFinite copies a, row-major; a value that is not finite is an error that
// names it as an entry of what.
func copyFinite(what string, a mat.Matrix) ([]float64, error) {
	r, c := a.Dims()
	out := make([]float64, 0, r*c)
	for i := range r {
		for j := range c {
			v := a.At(i, j)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("operator: entry (%d, %d) of %s is %v; it must be finite: %w", i, j, what, v, lr.ErrValue)
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// The checks of the hot calls panic: shapes there are the programmer's. What
// users pass in is checked by constructors, which return errors.

func checkLen(name string, got, want int) {
	if got != want {
		panic(fmt.Sprintf("operator: %s has length %d, want the number of measurements, %d", name, got, want))
	}
}

// checkVectors checks dst and, unless it is nil, b.
func checkVectors(dst, b []float64, m int) {
	checkLen("dst", len(dst), m)
	if b != nil {
		checkLen("b", len(b), m)
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

func checkDense(name string, a *mat.Dense, d1, d2 int) {
	if r, c := a.Dims(); r != d1 || c != d2 {
		panic(fmt.Sprintf("operator: %s is %d×%d, want %d×%d", name, r, c, d1, d2))
	}
}

// checkTerms checks the arguments of AddTerms for m measurements.
func checkTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, d1, d2, m int) {
	checkThin(x, y, d1, d2)
	checkThin(du, dv, d1, d2)
	_, k := x.Dims()
	if _, kd := du.Dims(); kd != k {
		panic(fmt.Sprintf("operator: du and dv have %d columns, the factors %d", kd, k))
	}
	if b != nil {
		checkLen("b", len(b), m)
	}
	for _, i := range terms {
		if i < 0 || i >= m {
			panic(fmt.Sprintf("operator: term %d is outside 0 … %d", i, m-1))
		}
	}
}

// noMatrix also sees a nil pointer in the interface.
func noMatrix(a mat.Matrix) bool {
	r := reflect.ValueOf(a)
	return !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil()
}

// checkAdjoint panics unless there is a G to apply.
func checkAdjoint(w []float64) {
	if w == nil {
		panic("operator: there is no 𝒜*(w) yet; call Adjoint or ApplyAdjoint first")
	}
}

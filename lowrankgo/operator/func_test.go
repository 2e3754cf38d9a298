package operator_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// rowSums is a user's map: the sums of the rows of M, and its trace-like sum
// along the diagonal of the smaller side.
func rowSums(d1, d2 int) operator.Func {
	return operator.Func{
		Name: "row sums", D1: d1, D2: d2, M: d1 + 1,
		Apply: func(dst []float64, m *mat.Dense) {
			for i := range d1 {
				dst[i] = mat.Sum(m.RowView(i))
			}
			dst[d1] = 0
			for i := range min(d1, d2) {
				dst[d1] += m.At(i, i)
			}
		},
		Adjoint: func(dst *mat.Dense, w []float64) {
			for i := range d1 {
				for j := range d2 {
					v := w[i]
					if i == j {
						v += w[d1]
					}
					dst.Set(i, j, v)
				}
			}
		},
	}
}

// thinSums is the same map by functions on thin matrices alone.
func thinSums(d1, d2 int) operator.Func {
	f := rowSums(d1, d2)
	f.Name, f.Apply, f.Adjoint = "thin row sums", nil, nil
	f.ApplyFactors = func(dst []float64, x, y *mat.Dense) {
		_, k := x.Dims()
		clear(dst)
		for l := range k {
			for i := range d1 {
				for j := range d2 {
					dst[i] += x.At(i, l) * y.At(j, l)
				}
			}
			for i := range min(d1, d2) {
				dst[d1] += x.At(i, l) * y.At(i, l)
			}
		}
	}
	f.MulAdjoint = func(dst *mat.Dense, trans bool, w []float64, z *mat.Dense) {
		dst.Zero()
		_, k := z.Dims()
		for i := range d1 {
			for j := range d2 {
				g := w[i]
				if i == j {
					g += w[d1]
				}
				for l := range k {
					if trans {
						dst.Set(j, l, dst.At(j, l)+g*z.At(i, l))
					} else {
						dst.Set(i, l, dst.At(i, l)+g*z.At(j, l))
					}
				}
			}
		}
	}
	return f
}

// everyFunc has all functions.
func everyFunc(d1, d2 int) operator.Func {
	f, g := thinSums(d1, d2), rowSums(d1, d2)
	f.Name, f.Apply, f.Adjoint = "all row sums", g.Apply, g.Adjoint
	return f
}

func TestFuncSuite(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, _ int) {
		naive := func(m mat.Matrix) []float64 {
			dst := make([]float64, d1+1)
			for i := range d1 {
				for j := range d2 {
					dst[i] += m.At(i, j)
					if i == j {
						dst[d1] += m.At(i, j)
					}
				}
			}
			return dst
		}
		for _, f := range []operator.Func{rowSumsNoAlloc(d1, d2), thinSums(d1, d2), everyFuncNoAlloc(d1, d2)} {
			t.Run(f.Name, func(t *testing.T) { lowranktest.TestOperator(t, made[*operator.FuncMap](t)(f.New()), naive) })
		}
	})
}

// rowSumsNoAlloc sums without a view, which would be allocated.
func rowSumsNoAlloc(d1, d2 int) operator.Func {
	f := rowSums(d1, d2)
	f.Apply = func(dst []float64, m *mat.Dense) {
		clear(dst)
		for i := range d1 {
			for j := range d2 {
				dst[i] += m.At(i, j)
				if i == j {
					dst[d1] += m.At(i, j)
				}
			}
		}
	}
	return f
}

func everyFuncNoAlloc(d1, d2 int) operator.Func {
	f := everyFunc(d1, d2)
	f.Apply = rowSumsNoAlloc(d1, d2).Apply
	return f
}

// The functions made from a map of this package give that map's results.
func TestFuncOfAnotherMap(t *testing.T) {
	g := made[*operator.Gaussian](t)(operator.NewGaussian(6, 5, 11, 2))
	f := operator.Func{
		D1: 6, D2: 5, M: 11,
		Apply:   func(dst []float64, m *mat.Dense) { lr.DenseEvalOf(g).ApplyDense(dst, m, nil) },
		Adjoint: func(dst *mat.Dense, w []float64) { e := lr.DenseEvalOf(g); e.Adjoint(w); e.AdjointDense(dst) },
	}
	op := made[*operator.FuncMap](t)(f.New())
	near(t, "every result", everything(op), everything(g))
	if s := op.String(); s != "Func(11 measurements of 6×5)" {
		t.Errorf("String is %q", s)
	}
}

func TestFuncErrors(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *operator.Func)
		kind   error
		says   []string
	}{
		"no rows":         {func(f *operator.Func) { f.D1 = 0 }, lr.ErrShape, []string{"0×3"}},
		"no measurements": {func(f *operator.Func) { f.M = 0 }, lr.ErrEmpty, []string{"m = 0"}},
		"no Apply": {func(f *operator.Func) { f.Apply, f.ApplyFactors = nil, nil }, lr.ErrEmpty,
			[]string{"neither Apply nor ApplyFactors"}},
		"no Adjoint": {func(f *operator.Func) { f.Adjoint, f.MulAdjoint = nil, nil }, lr.ErrEmpty,
			[]string{"neither Adjoint nor MulAdjoint"}},
		"affine": {func(f *operator.Func) { inApply(f, func(dst []float64) { dst[1]++ }) }, lr.ErrValue,
			[]string{"not linear", "measurement 1"}},
		"NaN": {func(f *operator.Func) { inApply(f, func(dst []float64) { dst[2] = math.NaN() }) }, lr.ErrValue,
			[]string{"NaN"}},
		"a scaled adjoint": {func(f *operator.Func) {
			mul := f.MulAdjoint
			f.MulAdjoint = func(dst *mat.Dense, trans bool, w []float64, z *mat.Dense) {
				mul(dst, trans, w, z)
				dst.Scale(2, dst)
			}
		}, lr.ErrValue, []string{"must be equal for an adjoint"}},
		"trans forgotten": {func(f *operator.Func) {
			mul := f.MulAdjoint
			f.MulAdjoint = func(dst *mat.Dense, trans bool, w []float64, z *mat.Dense) {
				mul(dst, trans, w, z)
				if trans {
					dst.Scale(-1, dst)
				}
			}
		}, lr.ErrValue, []string{"when trans"}},
		"two maps": {func(f *operator.Func) { f.Apply = func(dst []float64, _ *mat.Dense) { clear(dst) } }, lr.ErrValue,
			[]string{"by Apply", "by ApplyFactors"}},
		"two adjoints": {func(f *operator.Func) { f.Adjoint = func(dst *mat.Dense, _ []float64) { dst.Zero() } }, lr.ErrValue,
			[]string{"by MulAdjoint", "by Adjoint"}},
		"a panic": {func(f *operator.Func) { inApply(f, func(dst []float64) { _ = dst[99] }) }, lr.ErrValue,
			[]string{"panicked", "99"}},
	} {
		f := everyFunc(4, 3)
		c.change(&f)
		_, err := f.New()
		checkError(t, name, err, c.kind, c.says)
	}
	one := rowSums(4, 3)
	one.Adjoint = func(dst *mat.Dense, w []float64) { dst.Zero() }
	_, err := one.New()
	checkError(t, "a dense adjoint of 0", err, lr.ErrValue, []string{"row sums", "must be equal for an adjoint"})
}

// inApply does something to what both ways of 𝒜(M) give.
func inApply(f *operator.Func, then func(dst []float64)) {
	dense, thin := f.Apply, f.ApplyFactors
	f.Apply = func(dst []float64, m *mat.Dense) { dense(dst, m); then(dst) }
	f.ApplyFactors = func(dst []float64, x, y *mat.Dense) { thin(dst, x, y); then(dst) }
}

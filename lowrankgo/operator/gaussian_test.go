package operator_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

func ensemble(t testing.TB, g operator.GaussianEnsemble) *operator.Gaussian {
	t.Helper()
	return made[*operator.Gaussian](t)(g.New())
}

func TestGaussianSuite(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, m int) {
		op := ensemble(t, operator.GaussianEnsemble{D1: d1, D2: d2, M: m, Seed: 3, MatrixFree: true})
		lowranktest.TestOperator(t, op, naiveMatrices(op))
	})
	fuzzed(t, func(t *testing.T, d, _, m int) {
		op := ensemble(t, operator.GaussianEnsemble{D1: d, M: m, Seed: 3, Symmetric: true})
		lowranktest.TestOperator(t, op, naiveMatrices(op))
	})
	// Two blocks of rows; TestMatrixFreeIsTheStored has more than lanes.
	op := ensemble(t, operator.GaussianEnsemble{D1: 40, D2: 30, M: 231, Seed: 3, MatrixFree: true})
	lowranktest.TestOperator(t, op, naiveMatrices(op))
}

// TestMatrixFreeIsTheStored compares every result of the two bit by bit, at
// sizes of one block of rows and of many.
func TestMatrixFreeIsTheStored(t *testing.T) {
	for _, g := range []operator.GaussianEnsemble{
		{D1: 7, D2: 5, M: 9, Seed: 1}, {D1: 40, D2: 50, M: 203, Seed: 2}, {D1: 60, D2: 60, M: 2050, Seed: 3},
		{D1: 30, M: 301, Seed: 4, Symmetric: true}, {D1: 1, D2: 1, M: 1, Seed: 5},
	} {
		stored := ensemble(t, g)
		g.MatrixFree = true
		free := ensemble(t, g)
		d1, d2, m := free.Dims()
		if !mat.Equal(free.Matrix(m-1), stored.Matrix(m-1)) {
			t.Errorf("%v: the last matrices differ", free)
		}
		if free.Bytes() != 0 || stored.Bytes() != 8*m*d1*d2 {
			t.Errorf("%v takes %d bytes, %v %d", free, free.Bytes(), stored, stored.Bytes())
		}
		a, b := everything(free), everything(stored)
		for i := range a {
			if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
				t.Errorf("%v: result %d is %v, stored %v", free, i, a[i], b[i])
				break
			}
		}
	}
}

// everything makes every call of an evaluator and returns all results.
func everything(op lr.Operator) (out []float64) {
	d1, d2, m := op.Dims()
	rng := lr.Stream(9, "everything")
	x, y, b, w := lr.NormalMatrix(rng, d1, 3), lr.NormalMatrix(rng, d2, 3), normals(rng, m), normals(rng, m)
	full := lr.NormalMatrix(rng, d1, d2)
	e, dst := lr.DenseEvalOf(op), make([]float64, m)
	du, dv, g := mat.NewDense(d1, 3, nil), mat.NewDense(d2, 3, nil), mat.NewDense(d1, d2, nil)
	products := func() {
		e.Mul(du, 0, false, y)
		e.Mul(dv, 0, true, x)
		e.AdjointDense(g)
		out = append(append(append(out, du.RawMatrix().Data...), dv.RawMatrix().Data...), g.RawMatrix().Data...)
	}
	e.Apply(dst, x, y, b)
	out = append(out, dst...)
	e.ApplyDense(dst, full, b)
	out = append(out, dst...)
	e.Adjoint(w)
	products()
	e.ApplyAdjoint(dst, x, y, b)
	products()
	e.(lr.TermsEval).AddTerms(du, dv, x, y, b, []int{m - 1, 0, m / 2, 0}, 0.5)
	return append(append(append(out, dst...), du.RawMatrix().Data...), dv.RawMatrix().Data...)
}

// The matrices of a row are the stream that lowrankgo.Stream gives, for every
// number of measurements.
func TestGaussianStreams(t *testing.T) {
	const seed = 11
	for _, m := range []int{1, 5, 200} {
		g := ensemble(t, operator.GaussianEnsemble{D1: 3, D2: 4, M: m, Seed: seed})
		for _, i := range []int{0, m - 1} {
			want := lr.NormalMatrix(lr.Stream(seed, "sensing matrix", uint64(i)), 3, 4)
			if !mat.Equal(g.Matrix(i), want) {
				t.Errorf("m = %d: matrix %d is not that of its stream", m, i)
			}
		}
	}
}

// TestSymmetricGaussian checks Aᵢ = (Gᵢ + Gᵢᵀ)/2 and the variances 1 and ½
// within five standard deviations.
func TestSymmetricGaussian(t *testing.T) {
	const d, m, seed = 12, 400, 5
	plain := ensemble(t, operator.GaussianEnsemble{D1: d, D2: d, M: m, Seed: seed})
	sym := ensemble(t, operator.GaussianEnsemble{D1: d, M: m, Seed: seed, Symmetric: true})
	var on, off float64
	for i := range m {
		a, g := sym.Matrix(i), plain.Matrix(i)
		for r := range d {
			for c := range d {
				if want := (g.At(r, c) + g.At(c, r)) / 2; a.At(r, c) != want {
					t.Fatalf("entry (%d, %d) of matrix %d is %g, want %g", r, c, i, a.At(r, c), want)
				}
				if v := a.At(r, c) * a.At(r, c); r == c {
					on += v
				} else if r < c {
					off += v
				}
			}
		}
	}
	n := float64(m * d)
	if v := on / n; math.Abs(v-1) > 5*math.Sqrt(2/n) {
		t.Errorf("the variance on the diagonal is %g (seed %d)", v, seed)
	}
	n *= (d - 1) / 2.0
	if v := off / n; math.Abs(v-0.5) > 5*0.5*math.Sqrt(2/n) {
		t.Errorf("the variance beside the diagonal is %g (seed %d)", v, seed)
	}
}

// TestMeanIsIdentity checks that the mean of ‖𝒜(M)‖²/m over m measurements is
// ‖M‖², within five standard deviations: √2/√m for Gaussian ⟨Aᵢ, M⟩.
func TestMeanIsIdentity(t *testing.T) {
	const d, m, seed = 9, 20000, 6
	u := lr.NormalMatrix(lr.Stream(seed, "u"), d, 2)
	square := (&lr.Factors{U: u}).Dense().RawMatrix().Data
	var want float64
	for _, v := range square {
		want += v * v
	}
	for _, symmetric := range []bool{false, true} {
		op := ensemble(t, operator.GaussianEnsemble{D1: d, D2: d, M: m, Seed: seed, Symmetric: symmetric, MatrixFree: true})
		dst := make([]float64, m)
		op.NewEval().Apply(dst, u, u, nil)
		var sum float64
		for _, v := range dst {
			sum += v * v
		}
		if ratio := sum / m / want; math.Abs(ratio-1) > 5*math.Sqrt(2.0/m) {
			t.Errorf("%v, seed %d: ‖𝒜(M)‖²/m is %g of ‖M‖²", op, seed, ratio)
		}
	}
}

func TestGaussianEnsembleErrors(t *testing.T) {
	for _, c := range []struct {
		g    operator.GaussianEnsemble
		kind error
		says []string
	}{
		{operator.GaussianEnsemble{D1: 3, D2: 4, M: 2, Symmetric: true}, lr.ErrShape, []string{"Symmetric", "3×4", "D1 = D2"}},
		{operator.GaussianEnsemble{D1: 3, M: 2}, lr.ErrShape, []string{"3×0"}},
		{operator.GaussianEnsemble{D1: 3, D2: 3, MatrixFree: true}, lr.ErrEmpty, []string{"m = 0"}},
		{operator.GaussianEnsemble{D1: 3, D2: 3, M: -1, MatrixFree: true}, lr.ErrEmpty, []string{"m = -1"}},
		{operator.GaussianEnsemble{D1: 1 << 13, D2: 1 << 13, M: 1 << 20}, lr.ErrValue, []string{"accepted", "MatrixFree: true"}},
		{operator.GaussianEnsemble{D1: 1 << 20, D2: 1 << 20, M: 1, MatrixFree: true}, lr.ErrValue, []string{"accepted"}},
	} {
		_, err := c.g.New()
		if !errors.Is(err, c.kind) {
			t.Errorf("%+v: the error is %v; want one that wraps %q", c.g, err, c.kind)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%q does not say %q", err, s)
			}
		}
	}
	// More than any memory, but not stored.
	op := ensemble(t, operator.GaussianEnsemble{D1: 20, D2: 20, M: 1 << 40, MatrixFree: true})
	if _, _, m := op.Dims(); m != 1<<40 || op.Matrix(1<<40-1).At(0, 0) == 0 {
		t.Error("a large matrix-free map does not know its last matrix")
	}
}

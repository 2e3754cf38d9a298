package operator_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// naiveForm is vec(H(M)) = H vec(M) by plain loops.
func naiveForm(h *mat.Dense) func(*mat.Dense) *mat.Dense {
	return func(m *mat.Dense) *mat.Dense {
		d1, d2 := m.Dims()
		out := mat.NewDense(d1, d2, nil)
		for i := range d1 * d2 {
			var s float64
			for j := range d1 * d2 {
				s += h.At(i, j) * m.At(j/d2, j%d2)
			}
			out.Set(i/d2, i%d2, s)
		}
		return out
	}
}

// symmetricMatrix draws a symmetric n×n matrix.
func symmetricMatrix(seed uint64, n int) *mat.Dense {
	h := lr.NormalMatrix(lr.Stream(seed, "form"), n, n)
	for i := range n {
		for j := range i {
			h.Set(i, j, h.At(j, i))
		}
	}
	return h
}

func madeForm(t testing.TB, h interface {
	New() (*operator.QuadraticForm, error)
}) *operator.QuadraticForm {
	t.Helper()
	return made[*operator.QuadraticForm](t)(h.New())
}

func TestDenseFormSuite(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, _ int) {
		d1, d2 = min(d1, 9), min(d2, 9)
		h := symmetricMatrix(2, d1*d2)
		f := madeForm(t, operator.DenseForm{D1: d1, D2: d2, H: h})
		if f.Bytes() != 8*d1*d2*d1*d2 {
			t.Errorf("Bytes is %d", f.Bytes())
		}
		naive := naiveForm(mat.DenseCopyOf(h))
		h.Zero() // the numbers are copied
		lowranktest.TestForm(t, f, naive)
	})
}

// TestGramFormSuite compares c·𝒜*𝒜 with Σ c⟨Aᵢ, M⟩Aᵢ, for maps that have
// G in different ways.
func TestGramFormSuite(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, m int) {
		for _, op := range []matrices{
			made[*operator.Gaussian](t)(operator.NewGaussian(d1, d2, m, 5)),
			subsampled(t, d1, d2, min(m, d1*d2), 5),
		} {
			for _, scale := range []float64{0, 2.5} {
				naive := func(x *mat.Dense) *mat.Dense {
					_, _, n := op.Dims()
					c := scale
					if c == 0 {
						c = 1 / float64(n)
					}
					out := mat.NewDense(d1, d2, nil)
					for i := range n {
						a := op.Matrix(i)
						a.Scale(c*plainInner(a, x), a)
						out.Add(out, a)
					}
					return out
				}
				lowranktest.TestForm(t, madeForm(t, operator.GramForm{Operator: op, Scale: scale}), naive)
			}
		}
	})
}

// A form with H = I on 𝒜 = vec is exact: M : H : M = ‖M‖².
func TestGramOfIdentity(t *testing.T) {
	id := made[*operator.Identity](t)(operator.NewIdentity(4, 3))
	f := madeForm(t, operator.GramForm{Operator: id, Scale: 1})
	u, v := mat.NewDense(4, 1, []float64{1, 2, 2, 4}), mat.NewDense(3, 1, []float64{2, 3, 6})
	if got := f.NewEval().Apply(u, v); got != 25*49 {
		t.Errorf("M : H : M = %v, want %v", got, 25*49)
	}
	if s := f.String(); s != "GramForm(Identity(4×3), scale 1)" {
		t.Errorf("String is %q", s)
	}
	g := made[*operator.Gaussian](t)(operator.NewGaussian(4, 3, 2, 1))
	if b := madeForm(t, operator.GramForm{Operator: g}).Bytes(); b != g.Bytes() {
		t.Errorf("Bytes is %d, the operator's %d", b, g.Bytes())
	}
}

// weighted is a user's form: entries are multiplied by weights.
func weighted(d1, d2 int) operator.FuncForm {
	return operator.FuncForm{Name: "weights", D1: d1, D2: d2, Apply: func(dst, m *mat.Dense) {
		for i := range d1 {
			for j := range d2 {
				dst.Set(i, j, float64(1+i+2*j)*m.At(i, j))
			}
		}
	}}
}

func TestFuncFormSuite(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, _ int) {
		f := madeForm(t, weighted(d1, d2))
		lowranktest.TestForm(t, f, func(m *mat.Dense) *mat.Dense {
			out := mat.DenseCopyOf(m)
			for i := range d1 {
				for j := range d2 {
					out.Set(i, j, out.At(i, j)*float64(1+i+2*j))
				}
			}
			return out
		})
	})
}

func TestFormErrors(t *testing.T) {
	build := func(h interface {
		New() (*operator.QuadraticForm, error)
	}) error {
		_, err := h.New()
		return err
	}
	op := made[*operator.Identity](t)(operator.NewIdentity(2, 2))
	skew := mat.NewDense(4, 4, nil)
	skew.Set(1, 3, 2)
	nan := mat.NewDense(4, 4, nil)
	nan.Set(0, 2, math.NaN())
	broken := func(f func(dst, m *mat.Dense)) operator.FuncForm { return operator.FuncForm{D1: 2, D2: 3, Apply: f} }
	for _, c := range []struct {
		name string
		err  error
		kind error
		says []string
	}{
		{"no operator", build(operator.GramForm{}), lr.ErrEmpty, []string{"no operator"}},
		{"negative scale", build(operator.GramForm{Operator: op, Scale: -1}), lr.ErrValue, []string{"Scale -1", "positive"}},
		{"infinite scale", build(operator.GramForm{Operator: op, Scale: math.Inf(1)}), lr.ErrValue, []string{"Inf"}},
		{"NaN scale", build(operator.GramForm{Operator: op, Scale: math.NaN()}), lr.ErrValue, []string{"NaN"}},
		{"no matrix", build(operator.DenseForm{D1: 2, D2: 2}), lr.ErrEmpty, []string{"no H", "d1·d2"}},
		{"no shape", build(operator.DenseForm{H: skew}), lr.ErrShape, []string{"0×0"}},
		{"another shape", build(operator.DenseForm{D1: 2, D2: 3, H: skew}), lr.ErrShape, []string{"4×4", "6 rows"}},
		{"skew", build(operator.DenseForm{D1: 2, D2: 2, H: skew}), lr.ErrValue, []string{"not self-adjoint", "(3, 1) is 0", "(1, 3) is 2"}},
		{"NaN", build(operator.DenseForm{D1: 2, D2: 2, H: nan}), lr.ErrValue, []string{"(0, 2) of H", "NaN"}},
		{"no function", build(operator.FuncForm{D1: 2, D2: 2}), lr.ErrEmpty, []string{"no Apply"}},
		{"no columns", build(operator.FuncForm{D1: 2}), lr.ErrShape, []string{"2×0"}},
		{"affine", build(broken(func(dst, m *mat.Dense) { dst.Copy(m); dst.Set(1, 2, 5) })), lr.ErrValue, []string{"not linear", "(1, 2)"}},
		{"not self-adjoint", build(broken(func(dst, m *mat.Dense) { dst.Zero(); dst.Set(0, 1, m.At(1, 0)) })), lr.ErrValue, []string{"not self-adjoint"}},
		{"a panic", build(broken(func(dst, m *mat.Dense) { dst.Mul(m, m) })), lr.ErrValue, []string{"panicked", "dimension"}},
	} {
		checkError(t, c.name, c.err, c.kind, c.says)
	}
	// A difference of rounding is no error.
	h := symmetricMatrix(1, 4)
	h.Set(0, 1, h.At(0, 1)*(1+1e-15))
	madeForm(t, operator.DenseForm{D1: 2, D2: 2, H: h})
}

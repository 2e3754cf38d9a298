package operator_test

import (
	"errors"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// TestSemidefinite holds forms to what they say: M : H : M ≥ 0 on random matrices
// and, for I + δK, on those where it is least.
func TestSemidefinite(t *testing.T) {
	const d1, d2 = 5, 4
	g, err := operator.NewGaussian(d1, d2, 7, 1) // fewer measurements than entries
	if err != nil {
		t.Fatal(err)
	}
	family := operator.Perturbed{D1: d1, D2: d2, Delta: 0.999, Seed: 2}
	gram, err := operator.GramForm{Operator: g}.New()
	if err != nil {
		t.Fatal(err)
	}
	perturbed, err := family.New()
	if err != nil {
		t.Fatal(err)
	}
	low, high, err := family.Extremes()
	if err != nil {
		t.Fatal(err)
	}
	rng := lr.Stream(1, "semidefinite")
	for _, h := range []*operator.QuadraticForm{gram, perturbed} {
		if !h.Semidefinite() {
			t.Errorf("%v is not known to be semidefinite", h)
		}
		e := h.NewEval()
		points := []*lr.Factors{low, high}
		for range 200 {
			points = append(points, &lr.Factors{U: lr.NormalMatrix(rng, d1, 1+rng.IntN(4)), V: nil})
			last := points[len(points)-1]
			last.V = lr.NormalMatrix(rng, d2, last.Rank())
		}
		for _, m := range points {
			if v := e.Apply(m.U, m.V); v < -1e-13*m.Dot(m) {
				t.Errorf("M : H : M = %g for %v", v, h)
			}
		}
	}
	dense, err := operator.DenseForm{D1: 1, D2: 2, H: mat.NewDense(2, 2, []float64{1, 0, 0, -1})}.New()
	if err != nil {
		t.Fatal(err)
	}
	if dense.Semidefinite() {
		t.Error("an indefinite form is said to be semidefinite")
	}
}

// TestFuncFormSemidefinite: it is what the user says, unless that is found false.
func TestFuncFormSemidefinite(t *testing.T) {
	scaled := func(c float64, says bool) operator.FuncForm {
		return operator.FuncForm{D1: 3, D2: 2, Apply: func(dst, m *mat.Dense) { dst.Scale(c, m) }, Semidefinite: says}
	}
	for _, says := range []bool{false, true} {
		h, err := scaled(2, says).New()
		if err != nil {
			t.Fatal(err)
		}
		if h.Semidefinite() != says {
			t.Errorf("said %t, it is %t", says, h.Semidefinite())
		}
	}
	if _, err := scaled(0, true).New(); err != nil {
		t.Errorf("H = 0: %v", err)
	}
	if _, err := scaled(-1, true).New(); !errors.Is(err, lr.ErrValue) || !strings.Contains(err.Error(), "Semidefinite") {
		t.Errorf("−I, called semidefinite: %v", err)
	}
	if _, err := scaled(-1, false).New(); err != nil {
		t.Errorf("−I: %v", err)
	}
}

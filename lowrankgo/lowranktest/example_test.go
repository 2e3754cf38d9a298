package lowranktest_test

import (
	"errors"
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// entry is ½(uv − 1)², a problem of a user's own.
var entry = lr.Funcs{
	Name: "½(uv − 1)²", D1: 1, D2: 1, Rank: 1,
	GradFunc: func(dst, x *lr.Factors) float64 {
		u, v := x.U.RawRowView(0), x.V.RawRowView(0)
		e := u[0]*v[0] - 1
		if dst != nil {
			dst.U.RawRowView(0)[0], dst.V.RawRowView(0)[0] = e*v[0], e*u[0]
		}
		return e * e / 2
	},
	HessFunc: func(dst, x, d *lr.Factors) {
		u, v := x.U.RawRowView(0)[0], x.V.RawRowView(0)[0]
		du, dv := d.U.RawRowView(0)[0], d.V.RawRowView(0)[0]
		e, de := u*v-1, du*v+u*dv
		dst.U.RawRowView(0)[0], dst.V.RawRowView(0)[0] = de*v+e*dv, de*u+e*du
	},
}

// TestEntry is all that a user writes to hold a problem to every rule.
func TestEntry(t *testing.T) { lowranktest.TestProblem(t, entry) }

// A problem of one's own is held to every rule by one line in a test.
func ExampleTestProblem() {
	testEntry := func(t *testing.T) { lowranktest.TestProblem(t, entry) }

	fmt.Println(entry.Check(), testEntry != nil)
	// Output: <nil> true
}

// diagonal measures the diagonal of a 3×3 matrix, a map of a user's own.
func diagonal() *operator.FuncMap {
	op, err := operator.Func{
		Name: "diagonal", D1: 3, D2: 3, M: 3,
		Apply: func(dst []float64, m *mat.Dense) {
			for i := range dst {
				dst[i] = m.At(i, i)
			}
		},
		Adjoint: func(dst *mat.Dense, w []float64) {
			dst.Zero()
			for i, v := range w {
				dst.Set(i, i, v)
			}
		},
	}.New()
	if err != nil {
		panic(err)
	}
	return op
}

func naiveDiagonal(m mat.Matrix) []float64 { return []float64{m.At(0, 0), m.At(1, 1), m.At(2, 2)} }

func TestDiagonal(t *testing.T) { lowranktest.TestOperator(t, diagonal(), naiveDiagonal) }

// A map of one's own is held to its definition, its adjoint and the rest.
func ExampleTestOperator() {
	testDiagonal := func(t *testing.T) { lowranktest.TestOperator(t, diagonal(), naiveDiagonal) }

	fmt.Println(diagonal(), testDiagonal != nil)
	// Output: diagonal(3 measurements of 3×3) true
}

// halfForm is the form H(M) = (M + Mᵀ)/2 of 3×3 matrices.
func halfForm() *operator.QuadraticForm {
	h, err := operator.FuncForm{
		Name: "symmetric part", D1: 3, D2: 3,
		Apply: func(dst, m *mat.Dense) {
			for i := range 3 {
				for j := range 3 {
					dst.Set(i, j, (m.At(i, j)+m.At(j, i))/2)
				}
			}
		},
	}.New()
	if err != nil {
		panic(err)
	}
	return h
}

func naiveHalf(m *mat.Dense) *mat.Dense {
	var out mat.Dense
	out.Add(m, m.T())
	out.Scale(0.5, &out)
	return &out
}

func TestHalf(t *testing.T) { lowranktest.TestForm(t, halfForm(), naiveHalf) }

// A form of one's own must be self-adjoint, among other things.
func ExampleTestForm() {
	testHalf := func(t *testing.T) { lowranktest.TestForm(t, halfForm(), naiveHalf) }

	fmt.Println(halfForm(), testHalf != nil)
	// Output: symmetric part(3×3) true
}

func entryStart() *lr.Factors {
	return &lr.Factors{U: mat.NewDense(1, 1, []float64{2}), V: mat.NewDense(1, 1, []float64{0.3})}
}

var testDescent = func(t *testing.T) {
	lowranktest.TestMethod(t, solver.GD{}, entry, entryStart(), lowranktest.MethodOptions{
		Stop:     lr.LossBelow(1e-20),
		Monotone: true,
	})
}

func TestDescent(t *testing.T) { testDescent(t) }

// A method is run on a problem that it solves; options say what solving means
// and what else it promises.
func ExampleTestMethod() {
	fmt.Println(solver.GD{}.Name(), testDescent != nil)
	// Output: GD(Lipschitz) true
}

var testRefusal = func(t *testing.T) {
	lowranktest.TestRefuses(t, solver.SGD{}, entry, entryStart(), lr.AbilityBatches)
}

func TestRefusal(t *testing.T) { testRefusal(t) }

// A method that needs more than a gradient says so.
func ExampleTestRefuses() {
	_, err := lr.Start(entry, solver.SGD{}, entryStart(), nil)
	fmt.Println(errors.Is(err, lr.ErrAbility), testRefusal != nil)
	// Output: true true
}

package landscape_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// scalarProblem is the same function made by the library's problems.
func scalarProblem(t rapid.TB, mu float64) lr.Problem {
	t.Helper()
	var p lr.Problem
	p, err := problem.Factorisation{A: mat.NewDense(1, 1, []float64{1}), Rank: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	if mu > 0 {
		if p, err = (problem.Balance{Of: p, Mu: mu}).New(); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func scalarPoint(u, v float64) *lr.Factors {
	return &lr.Factors{U: mat.NewDense(1, 1, []float64{u}), V: mat.NewDense(1, 1, []float64{v})}
}

// TestScalarExample holds value, gradient and Hessian against the library's own
// 1×1 problems.
func TestScalarExample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mu := rapid.SampledFrom([]float64{0, 1.0 / 16, 0.5, 3}).Draw(t, "mu")
		u, v := rapid.Float64Range(-3, 3).Draw(t, "u"), rapid.Float64Range(-3, 3).Draw(t, "v")
		e := landscape.ScalarExample{Mu: mu}
		h, ok := lr.HessVecOf(scalarProblem(t, mu))
		if !ok {
			t.Fatal("no Hessian products")
		}
		x, grad, col := scalarPoint(u, v), scalarPoint(0, 0), scalarPoint(0, 0)
		near := func(what string, got, want float64) {
			if !(math.Abs(got-want) <= 1e-13*(10+math.Abs(want))*(1+mu)*(1+u*u+v*v)) {
				t.Fatalf("%s at (%g, %g), μ = %g: %.17g, the library has %.17g", what, u, v, mu, got, want)
			}
		}
		near("value", e.Value(u, v), h.Grad(grad, x))
		du, dv := e.Gradient(u, v)
		near("∂u", du, grad.U.At(0, 0))
		near("∂v", dv, grad.V.At(0, 0))
		hess := e.Hessian(u, v)
		h.HessVec(col, x, scalarPoint(1, 0))
		near("∂u∂u", hess.At(0, 0), col.U.At(0, 0))
		near("∂u∂v", hess.At(1, 0), col.V.At(0, 0))
		h.HessVec(col, x, scalarPoint(0, 1))
		near("∂v∂v", hess.At(1, 1), col.V.At(0, 0))
	})
}

// TestScalarCritical holds the closed forms against a decomposition, and every
// check of the example.
func TestScalarCritical(t *testing.T) {
	for _, mu := range []float64{0, 1e-3, 1.0 / 16, 0.5, 7} {
		e := landscape.ScalarExample{Mu: mu}
		points, err := e.Critical(1, -0.01, 30)
		if err != nil {
			t.Fatal(err)
		}
		want := 3
		if mu == 0 {
			want = 4
		}
		if len(points) != want {
			t.Errorf("μ = %g: %d critical points, want %d", mu, len(points), want)
		}
		for _, p := range points {
			var eig mat.EigenSym
			eig.Factorize(e.Hessian(p.U, p.V), false)
			for i, v := range eig.Values(nil) {
				if size := math.Abs(p.Eigenvalues[0]) + p.Eigenvalues[1]; math.Abs(v-p.Eigenvalues[i]) > 1e-14*size {
					t.Errorf("μ = %g at (%g, %g): eigenvalue %d is %g, want %g", mu, p.U, p.V, i, p.Eigenvalues[i], v)
				}
			}
			if got, err := e.Classify(p.U, p.V, 1e-9); err != nil || got != p.Verdict {
				t.Errorf("μ = %g at (%g, %g): %v, %v; want %v", mu, p.U, p.V, got, err, p.Verdict)
			}
		}
		checks, err := e.Checks(1.3, -0.4, 1, -0.01, 30)
		if err != nil || len(checks) != 3*want+1 {
			t.Fatalf("μ = %g: %d checks, %v", mu, len(checks), err)
		}
		for _, c := range checks {
			if !c.Holds(1e-14) {
				t.Errorf("μ = %g: %v", mu, c)
			}
		}
	}
}

// TestScalarOnlyTheseCriticalPoints descends on ‖∇g̃‖² from a grid: no other
// critical point is found, and each is what Classify says.
func TestScalarOnlyTheseCriticalPoints(t *testing.T) {
	for _, mu := range []float64{0, 1.0 / 16, 1} {
		e, found := landscape.ScalarExample{Mu: mu}, map[landscape.Verdict]int{}
		for i := -8; i <= 8; i++ {
			for j := -8; j <= 8; j++ {
				u, v := newton(e, float64(i)/4+0.03, float64(j)/4-0.05)
				du, dv := e.Gradient(u, v)
				if math.Hypot(du, dv) > 1e-10 {
					continue
				}
				kind, err := e.Classify(u, v, 1e-6)
				if err != nil {
					t.Fatal(err)
				}
				found[kind]++
				minimum := math.Abs(u*v-1) < 1e-6 && (mu == 0 || math.Abs(math.Abs(u)-1) < 1e-6)
				origin := math.Hypot(u, v) < 1e-6
				if minimum != (kind == landscape.NearOptimum) || origin != (kind == landscape.NegativeCurvature) {
					t.Errorf("μ = %g: (%g, %g) is called %v", mu, u, v, kind)
				}
			}
		}
		if found[landscape.NearOptimum] < 20 || found[landscape.NegativeCurvature] < 1 {
			t.Errorf("μ = %g: the search ended at %v; it should have found minimisers and the saddle", mu, found)
		}
	}
}

// newton solves ∇g̃ = 0 by damped least-squares steps.
func newton(e landscape.ScalarExample, u, v float64) (float64, float64) {
	for range 400 {
		du, dv := e.Gradient(u, v)
		h := e.Hessian(u, v)
		a, b, c := h.At(0, 0), h.At(0, 1), h.At(1, 1)
		damp := 1e-3 * math.Hypot(du, dv)
		p, q, s := a*a+b*b+damp, b*(a+c), b*b+c*c+damp // H² + damp
		x, y := a*du+b*dv, b*du+c*dv
		det := p*s - q*q
		if det == 0 {
			break
		}
		u, v = u-(s*x-q*y)/det, v-(p*y-q*x)/det
	}
	return u, v
}

func TestScalarInput(t *testing.T) {
	for name, call := range map[string]func() error{
		"negative μ": func() error { _, err := landscape.ScalarExample{Mu: -1}.Critical(); return err },
		"NaN μ":      func() error { _, err := landscape.ScalarExample{Mu: math.NaN()}.Checks(1, 1); return err },
		"t = 0":      func() error { _, err := landscape.ScalarExample{}.Critical(1, 0); return err },
		"NaN t":      func() error { _, err := landscape.ScalarExample{}.Checks(1, 1, math.NaN()); return err },
		"NaN u":      func() error { _, err := landscape.ScalarExample{}.Checks(math.NaN(), 1); return err },
		"infinite v": func() error { _, err := landscape.ScalarExample{}.Classify(1, math.Inf(1), 1e-6); return err },
	} {
		if err := call(); !errors.Is(err, lr.ErrValue) {
			t.Errorf("%s: error %v; want one that wraps ErrValue", name, err)
		}
	}
}

// The saddle at the origin is as strict with the regulariser as without; what
// the regulariser changes is the valley: its flat direction gets curvature 4μ.
func ExampleScalarExample() {
	for _, mu := range []float64{0, 1.0 / 16} {
		e := landscape.ScalarExample{Mu: mu}
		points, err := e.Critical(1, 2)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, p := range points {
			fmt.Printf("μ = %.4f, (%2g, %4g): eigenvalues %.4g\n", mu, p.U, p.V, p.Eigenvalues)
		}
	}
	// Output:
	// μ = 0.0000, ( 0,    0): eigenvalues [-1 1]
	// μ = 0.0000, ( 1,    1): eigenvalues [0 2]
	// μ = 0.0000, ( 2,  0.5): eigenvalues [0 4.25]
	// μ = 0.0625, ( 0,    0): eigenvalues [-1 1]
	// μ = 0.0625, ( 1,    1): eigenvalues [0.25 2]
	// μ = 0.0625, (-1,   -1): eigenvalues [0.25 2]
}

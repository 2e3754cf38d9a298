package solver_test

import (
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/optimize"
)

// move is (x⁺ − x)/t, the direction of a step.
func move(from, to visited) *lr.Factors {
	d := to.x.Clone()
	d.AddScaled(-1, from.x)
	d.Scale(1 / to.step)
	return d
}

// apart is ‖a − b‖/‖b‖.
func apart(a, b *lr.Factors) float64 {
	d := a.Clone()
	d.AddScaled(-1, b)
	return d.Norm() / b.Norm()
}

// naiveHagerZhang is the direction after d, by the formula.
func naiveHagerZhang(g, before, d *lr.Factors) *lr.Factors {
	y := g.Clone()
	y.AddScaled(-1, before)
	z := y.Clone()
	z.AddScaled(-2*y.Dot(y)/d.Dot(y), d)
	beta := math.Max(z.Dot(g)/d.Dot(y), 0.4*before.Dot(d)/d.Dot(d))
	out := d.Clone()
	out.Scale(beta)
	out.AddScaled(-1, g)
	return out
}

func TestCGIsItsDefinition(t *testing.T) {
	for name, p := range problems(t) {
		points := pathOf(t, p, solver.ConjugateGradient{}, start(t, starts["random"], p), 15)
		want := points[0].grad.Clone()
		want.Scale(-1)
		for k := 1; k < len(points); k++ {
			got := move(points[k-1], points[k])
			if e := apart(got, want); e > 1e-6 {
				t.Errorf("%s: direction %d is %g from that of the definition", name, k, e)
				break
			}
			want = naiveHagerZhang(points[k].grad, points[k-1].grad, got)
		}
	}
}

// checkPath holds all steps of a path to the strong Wolfe conditions, and its
// directions to descent by the share least of ‖g‖².
func checkPath(t *testing.T, what string, points []visited, curvature, least float64) {
	t.Helper()
	for k := 1; k < len(points); k++ {
		a, b := points[k-1], points[k]
		d := move(a, b)
		from, to, gg := a.grad.Dot(d), b.grad.Dot(d), a.grad.Dot(a.grad)
		if !(from <= -least*gg*(1-1e-6)) {
			t.Errorf("%s: step %d: ⟨g,d⟩ = %g, ‖g‖² = %g", what, k, from, gg)
		}
		if !(b.loss <= a.loss+1e-4*b.step*from+1e-12*math.Abs(a.loss)) || !(math.Abs(to) <= -curvature*from*(1+1e-6)) {
			t.Errorf("%s: step %d: values %g and %g, slopes %g and %g, length %g: no strong Wolfe step", what, k, a.loss, b.loss, from, to, b.step)
		}
	}
}

func TestCGWolfe(t *testing.T) {
	for name, p := range problems(t) {
		for _, curvature := range []float64{0.1, 0.8} {
			points := pathOf(t, p, solver.ConjugateGradient{Curvature: curvature}, start(t, starts["random"], p), 30)
			checkPath(t, fmt.Sprintf("%s, curvature %g", name, curvature), points, curvature, 7.0/8)
		}
	}
}

// On a quadratic in n variables with a search that is nearly exact, n steps
// are enough, up to rounding.
func TestCGEndsOnQuadratics(t *testing.T) {
	p := bowl(50) // 48 variables
	res := solve(t, p, solver.ConjugateGradient{Curvature: 1e-6}, start(t, starts["random"], p), nil)
	if !res.Status.Converged() || res.Iter > 55 {
		t.Errorf("%v after %d steps; want convergence within 55", res.Status, res.Iter)
	}
}

// sideBySide runs two methods on one instance to a relative error, and returns
// their evaluations.
func sideBySide(t *testing.T, p lr.Problem, x0 *lr.Factors, a, b lr.Method) (int, int) {
	t.Helper()
	o := &lr.Options{Stop: lr.RelErrBelow(1e-6), MaxIter: 5000}
	ra, rb := solve(t, p, a, x0, o), solve(t, p, b, x0, o)
	if ra.Status != lr.ErrorConverged || rb.Status != lr.ErrorConverged {
		t.Fatalf("%s: %v, %s: %v", a.Name(), ra.Status, b.Name(), rb.Status)
	}
	if e := lr.RelErr(ra.X, rb.X); e > 1e-5 {
		t.Errorf("%s and %s end %g apart", a.Name(), b.Name(), e)
	}
	return ra.Evals, rb.Evals
}

// TestCGBesideGonum: the same answer, at no more evaluations over all.
func TestCGBesideGonum(t *testing.T) {
	ours, theirs := 0, 0
	for _, p := range problems(t) {
		for _, s := range starts {
			a, b := sideBySide(t, p, start(t, s, p), solver.ConjugateGradient{}, solver.Gonum{Method: &optimize.CG{}})
			ours, theirs = ours+a, theirs+b
		}
	}
	t.Logf("evaluations: %d, gonum's %d", ours, theirs)
	if ours > theirs {
		t.Errorf("%d evaluations, gonum's CG %d", ours, theirs)
	}
}

package landscape_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// counted is p by functions that count their calls; before each of them it calls
// before with the number of calls there have been.
type counted struct {
	grads, hess int
	before      func(calls int)
}

func (n *counted) call() {
	if n.before != nil {
		n.before(n.grads + n.hess)
	}
}

func (n *counted) problem(t testing.TB, p lr.Problem, hessian bool) lr.Funcs {
	t.Helper()
	e, ok := lr.HessVecOf(p)
	if !ok {
		t.Fatal("no Hessian products")
	}
	d1, d2, r := p.Dims()
	f := lr.Funcs{Name: "counted", D1: d1, D2: d2, Rank: r, Sym: lr.SymmetricOf(p)}
	f.GradFunc = func(dst, x *lr.Factors) float64 {
		n.call()
		n.grads++
		return e.Grad(dst, x)
	}
	if hessian {
		f.HessFunc = func(dst, x, d *lr.Factors) {
			n.call()
			n.hess++
			e.HessVec(dst, x, d)
		}
	}
	return f
}

func sensing(t testing.TB) lr.Problem {
	t.Helper()
	return must(problem.GaussianSensing{D1: 30, D2: 25, Rank: 3, M: 700, Seed: 1, Scale: problem.ScaleMean}.New())
}

// TestCertifyBudget counts Hessian products and gradients.
func TestCertifyBudget(t *testing.T) {
	p := sensing(t)
	for _, budget := range []int{0, 2, 3, 10, 200} {
		for name, x := range map[string]*lr.Factors{"zero": lr.NewPoint(p), "random": must(initial.Random{Seed: 1}.Point(p))} {
			n := &counted{}
			c := certify(t, n.problem(t, p, true), x, &landscape.Options{Products: budget, Tol: 1e-14})
			most := budget
			if budget == 0 {
				most = 60
			}
			if n.hess != c.Curvature.Products || n.hess > most || n.grads > 40 {
				t.Errorf("%s, budget %d: %d Hessian products, said %d; %d gradients", name, budget, n.hess, c.Curvature.Products, n.grads)
			}
			if budget == 2 {
				continue
			}
			n = &counted{}
			c = certify(t, n.problem(t, p, false), x, &landscape.Options{Products: budget, Tol: 1e-14})
			if !c.Curvature.Gradients || c.Curvature.Products > most || n.grads > 2*c.Curvature.Products+40 {
				t.Errorf("%s, budget %d: %d products from %d gradients", name, budget, c.Curvature.Products, n.grads)
			}
		}
	}
}

// Few products leave it undecided where there is no negative curvature, and prove
// it where there is.
func TestCertifyFewProducts(t *testing.T) {
	p := sensing(t)
	f := (&counted{}).problem(t, p, true)
	x := solved(t, p, 1)
	c := certify(t, f, x, &landscape.Options{Products: 4})
	verdict(t, "the solution, 4 products", c, landscape.Undecided, false)
	if !strings.Contains(c.String(), "Allow more products") {
		t.Errorf("no advice:\n%v", c)
	}
	verdict(t, "the solution", certify(t, f, x, nil), landscape.SecondOrder, false)
	verdict(t, "zero, 6 products", certify(t, f, lr.NewPoint(p), &landscape.Options{Products: 6}), landscape.NegativeCurvature, true)
}

// TestCertifyDifferences compares differences of gradients with Hessian products.
func TestCertifyDifferences(t *testing.T) {
	p := sensing(t)
	for name, x := range map[string]*lr.Factors{
		"zero": lr.NewPoint(p), "random": must(initial.Random{Seed: 1}.Point(p)), "solution": solved(t, p, 1),
		"near zero": near(lr.NewPoint(p), 1e-9, 1),
	} {
		want := certify(t, p, x, &landscape.Options{Tol: 1e-9, Products: 225})
		for _, known := range []bool{true, false} {
			q := lr.Problem(p)
			if !known {
				q = (&counted{}).problem(t, p, false)
			}
			got := certify(t, q, x, &landscape.Options{Tol: 1e-6, Products: 225, Differences: true})
			k, l := got.Curvature, want.Curvature.Largest
			if math.Abs(k.Value-want.Curvature.Value) > 1e-6*l || !(k.Error > 0) || k.Error > 1e-6*l || !k.Gradients {
				t.Errorf("%s, truth known %t: %g with error %g, want %g, of %g", name, known, k.Value, k.Error, want.Curvature.Value, l)
			}
			if got.Verdict != want.Verdict && (known || got.Verdict != landscape.SecondOrder) {
				t.Errorf("%s, truth known %t: %v, want %v", name, known, got.Verdict, want.Verdict)
			}
			if got.Verdict == landscape.NegativeCurvature && got.Rigorous {
				t.Errorf("%s: differences prove curvature", name)
			}
			if !strings.Contains(got.String(), "differences of gradients") {
				t.Errorf("%s: no word of differences:\n%v", name, got)
			}
		}
	}
}

// TestCertifyCanceled ends the context at each call: what is known is returned,
// with an error, and no more than one call is made after it.
func TestCertifyCanceled(t *testing.T) {
	p := sensing(t)
	whole := &counted{}
	certify(t, whole.problem(t, p, true), lr.NewPoint(p), nil)
	for at := range whole.grads + whole.hess - 1 {
		ctx, cancel := context.WithCancelCause(context.Background())
		why := errors.New("enough")
		n := &counted{before: func(calls int) {
			if calls == at {
				cancel(why)
			}
		}}
		c, err := landscape.Certify(ctx, n.problem(t, p, true), lr.NewPoint(p), nil)
		if !errors.Is(err, lr.ErrCanceled) || !errors.Is(err, why) || c == nil {
			t.Fatalf("canceled at call %d: %v, %v", at, c, err)
		}
		if calls := n.grads + n.hess; calls > at+4 { // the natural length looks after four
			t.Errorf("canceled at call %d: %d calls", at, calls)
		}
		if at == 0 != math.IsNaN(c.RelErr+c.Curvature.Value) && n.hess == 0 != math.IsNaN(c.Curvature.Value) {
			t.Errorf("canceled at call %d: curvature %v", at, c.Curvature)
		}
		if c.Rigorous && !c.Curvature.Confirmed || c.Curvature.Products != n.hess {
			t.Errorf("canceled at call %d: %v\n%+v", at, c, c.Curvature)
		}
		if s := c.String(); strings.Contains(s, "NaN") && at > 0 && n.hess > 0 {
			t.Errorf("canceled at call %d:\n%s", at, s)
		}
		_ = c.HTML()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if c, err := landscape.Certify(ctx, p, lr.NewPoint(p), nil); !errors.Is(err, context.Canceled) || c == nil || c.Curvature.Products != 0 {
		t.Errorf("canceled before: %v, %v", c, err)
	}
}

// A context that ends while a larger problem is certified is seen in time.
func TestCertifyCanceledSoon(t *testing.T) {
	p := must(problem.RandomCompletion{D1: 1000, D2: 900, Rank: 8, P: 0.1, Seed: 1}.New())
	x := must(initial.Random{Seed: 1}.Point(p))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := landscape.Certify(ctx, p, x, &landscape.Options{Products: 5000, Tol: 1e-15})
	late := time.Since(must(deadline(ctx)))
	if !errors.Is(err, context.DeadlineExceeded) || late > 500*time.Millisecond {
		t.Errorf("%v, %v after the end", err, late)
	}
	t.Logf("%v after the end", late)
}

func deadline(ctx context.Context) (time.Time, error) {
	d, ok := ctx.Deadline()
	if !ok {
		return d, errors.New("no deadline")
	}
	return d, nil
}

func TestCertifyErrors(t *testing.T) {
	p := sensing(t)
	x := lr.NewPoint(p)
	nan := x.Clone()
	nan.U.Set(0, 0, math.NaN())
	bad := func(change func(f *lr.Funcs)) lr.Problem {
		f := (&counted{}).problem(t, p, true)
		change(&f)
		return f
	}
	for _, v := range []struct {
		name string
		p    lr.Problem
		x    *lr.Factors
		o    landscape.Options
		want error
		says string
	}{
		{"no problem", nil, x, landscape.Options{}, lr.ErrEmpty, "no problem"},
		{"no point", p, nil, landscape.Options{}, lr.ErrShape, "30×3"},
		{"another shape", p, lr.NewFactors(30, 24, 3), landscape.Options{}, lr.ErrShape, "24×3"},
		{"another rank", p, lr.NewFactors(30, 25, 2), landscape.Options{}, lr.ErrShape, "U 30×3, V 25×3"},
		{"symmetric", p, lr.NewSymmetric(30, 3), landscape.Options{}, lr.ErrShape, "no V"},
		{"NaN", p, nan, landscape.Options{}, lr.ErrValue, "finite"},
		{"rank 0", lr.Funcs{D1: 3, D2: 3, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}, x, landscape.Options{}, lr.ErrRank, "Rank = 0"},
		{"one product", p, x, landscape.Options{Products: 1}, lr.ErrValue, "at least 2"},
		{"negative products", p, x, landscape.Options{Products: -3}, lr.ErrValue, "-3"},
		{"two differences", p, x, landscape.Options{Products: 2, Differences: true}, lr.ErrValue, "at least 3"},
		{"tolerance", p, x, landscape.Options{Tol: -1}, lr.ErrValue, "Tol = -1"},
		{"θ", p, x, landscape.Options{Theta: math.NaN()}, lr.ErrValue, "Theta = NaN"},
		{"γ", p, x, landscape.Options{Gamma: math.Inf(1)}, lr.ErrValue, "Gamma = +Inf"},
		{"ζ", p, x, landscape.Options{Zeta: -2}, lr.ErrValue, "Zeta = -2"},
		{"a value that is NaN", bad(func(f *lr.Funcs) { f.GradFunc = func(dst, _ *lr.Factors) float64 { return math.NaN() } }), x, landscape.Options{}, lr.ErrValue, "value NaN"},
		{"a product that is NaN", bad(func(f *lr.Funcs) { f.HessFunc = func(dst, _, _ *lr.Factors) { dst.U.Set(0, 0, math.NaN()) } }), x, landscape.Options{}, lr.ErrValue, "not finite"},
		{"a panic", bad(func(f *lr.Funcs) { f.HessFunc = func(_, _, _ *lr.Factors) { panic("boom") } }), x, landscape.Options{}, lr.ErrFailed, "boom"},
	} {
		c, err := landscape.Certify(context.Background(), v.p, v.x, &v.o)
		if !errors.Is(err, v.want) || c != nil || !strings.Contains(fmt.Sprint(err), v.says) {
			t.Errorf("%s: %v, %v; want %v that says %q", v.name, c, err, v.want, v.says)
		}
	}
}

// TestCertifyGiven: numbers of Def 2 that are given are used.
func TestCertifyGiven(t *testing.T) {
	p := sensing(t)
	zero := lr.NewPoint(p)
	least := certify(t, p, zero, nil).Curvature.Value
	verdict(t, "γ above", certify(t, p, zero, &landscape.Options{Gamma: -2 * least, Zeta: 1e9}), landscape.NearOptimum, true)
	c := certify(t, p, zero, &landscape.Options{Gamma: -least / 2, Theta: 3})
	verdict(t, "γ below", c, landscape.NegativeCurvature, true)
	if c.Gamma != -least/2 || c.Theta != 3 {
		t.Errorf("θ = %g, γ = %g; want 3, %g", c.Theta, c.Gamma, -least/2)
	}
	x := near(solved(t, p, 1), 1e-3, 1)
	verdict(t, "θ above", certify(t, p, x, &landscape.Options{Theta: 1e3, Gamma: 1e3}), landscape.NearOptimum, true)
	verdict(t, "θ below", certify(t, p, x, &landscape.Options{Theta: 1e-12}), landscape.LargeGradient, true)
	verdict(t, "ζ below", certify(t, p, x, &landscape.Options{Theta: 1e3, Gamma: 1e3, Zeta: 1e-9}), landscape.SecondOrder, false)
}

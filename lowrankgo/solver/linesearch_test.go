package solver

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// line is a function of one variable with its slope, as an objective of a 1×1
// factor.
func line(phi, slope func(t float64) float64) lr.Funcs {
	return lr.Funcs{D1: 1, Rank: 1, Sym: true, GradFunc: func(dst, x *lr.Factors) float64 {
		t := x.U.At(0, 0)
		if dst != nil {
			dst.U.Set(0, 0, slope(t))
		}
		return phi(t)
	}}
}

// along starts at 0 in direction 1.
func along(p lr.Problem) (*walk, *lr.Factors) {
	w := newWalk(p, lr.NewPoint(p))
	return &w, &lr.Factors{U: mat.NewDense(1, 1, []float64{1})}
}

// moreThuente are functions 1 to 3 of Moré and Thuente (1994, ACM Trans. Math.
// Softw. 20:286): a wide minimum, one behind a long descent, one among waves.
var moreThuente = map[string]lr.Funcs{
	"1": line(func(t float64) float64 { return -t / (t*t + 2) },
		func(t float64) float64 { return (t*t - 2) / ((t*t + 2) * (t*t + 2)) }),
	"2": line(func(t float64) float64 { return math.Pow(t+0.004, 5) - 2*math.Pow(t+0.004, 4) },
		func(t float64) float64 { return 5*math.Pow(t+0.004, 4) - 8*math.Pow(t+0.004, 3) }),
	"3": line(func(t float64) float64 { return hat(t) + 2*0.99/(39*math.Pi)*math.Sin(39*math.Pi/2*t) },
		func(t float64) float64 { return hatSlope(t) + 0.99*math.Cos(39*math.Pi/2*t) }),
}

// hat is |1 − t| with a rounded corner.
func hat(t float64) float64 {
	if math.Abs(t-1) < 0.01 {
		return (t-1)*(t-1)/0.02 + 0.005
	}
	return math.Abs(1 - t)
}

func hatSlope(t float64) float64 {
	if math.Abs(t-1) < 0.01 {
		return (t - 1) / 0.01
	}
	return math.Copysign(1, t-1)
}

// TestWolfe tries the hard functions from first lengths over six orders.
func TestWolfe(t *testing.T) {
	for name, p := range moreThuente {
		for _, first := range []float64{1e-3, 0.1, 10, 1000} {
			for _, curvature := range []float64{0.9, 0.1, 0.01} {
				w, d := along(p)
				slope := w.grad.Dot(d)
				got, loss, end, err := w.wolfe(context.Background(), d, slope, first, curvature)
				if err != nil {
					t.Errorf("%s from %g: %v", name, first, err)
					continue
				}
				checkWolfe(t, fmt.Sprintf("function %s from %g", name, first), p, w, slope, got, loss, end, curvature)
				if w.evals > 31 {
					t.Errorf("function %s from %g, curvature %g: %d evaluations", name, first, curvature, w.evals)
				}
			}
		}
	}
}

// errorer is a *testing.T or a *rapid.T.
type errorer interface {
	Errorf(format string, args ...any)
}

// checkWolfe holds the end of a search to the conditions, evaluated anew.
func checkWolfe(t errorer, what string, p lr.Problem, w *walk, slope, length, loss, end, curvature float64) {
	x := &lr.Factors{U: mat.NewDense(1, 1, []float64{length})}
	g := lr.NewPoint(p)
	f := p.NewEval().Grad(g, x)
	if f != loss || g.U.At(0, 0) != end || !w.nextX.Equal(x) || !w.nextGrad.Equal(g) {
		t.Errorf("%s: the search says φ(%g) = %g and φ' = %g; they are %g and %g", what, length, loss, end, f, g.U.At(0, 0))
	}
	if !(f <= w.loss+1e-4*length*slope+noise*math.Abs(w.loss)) || !(math.Abs(end) <= -curvature*slope) {
		t.Errorf("%s: φ(%g) = %g from %g, φ' = %g from %g: the conditions with curvature %g do not hold", what, length, f, w.loss, end, slope, curvature)
	}
}

// resolution is how well float64 tells slopes of the quartic Σcₖtᵏ near t:
// what the last bit of t changes, and the rounding of the terms.
func resolution(c [5]float64, t float64) float64 {
	const ulp = 0x1p-52
	sum := math.Abs(c[1])
	for k := 2; k < 5; k++ {
		sum += float64(k*k) * math.Abs(c[k]) * math.Pow(math.Abs(t), float64(k-1))
	}
	return ulp * sum
}

// TestWolfeOfQuartics: along a line the objectives of both papers are quartics.
func TestWolfeOfQuartics(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := [5]float64{0, -math.Exp(rapid.Float64Range(-8, 8).Draw(rt, "slope"))}
		for k := 2; k < 4; k++ {
			c[k] = rapid.Float64Range(-100, 100).Draw(rt, "coefficient")
		}
		c[4] = math.Exp(rapid.Float64Range(-8, 8).Draw(rt, "leading"))
		c[0] = rapid.Float64Range(0, 10).Draw(rt, "value")
		p := line(func(t float64) float64 { return c[0] + t*(c[1]+t*(c[2]+t*(c[3]+t*c[4]))) },
			func(t float64) float64 { return c[1] + t*(2*c[2]+t*(3*c[3]+t*4*c[4])) })
		first := math.Exp(rapid.Float64Range(-8, 8).Draw(rt, "first"))
		curvature := rapid.SampledFrom([]float64{0.9, 0.3, 0.01}).Draw(rt, "curvature")
		w, d := along(p)
		length, loss, end, err := w.wolfe(context.Background(), d, c[1], first, curvature)
		if err != nil {
			if err == lr.ErrNoProgress && -curvature*c[1] < resolution(c, w.nextX.U.At(0, 0)) {
				return // no length that a float64 holds has such a slope
			}
			rt.Fatalf("%v after %d evaluations", err, w.evals)
		}
		checkWolfe(rt, "quartic", p, w, c[1], length, loss, end, curvature)
	})
}

// Values that are not finite are too high, however far they reach.
func TestWolfeBeyondTheEdge(t *testing.T) {
	for _, outside := range []float64{math.Inf(1), math.NaN()} {
		p := line(func(t float64) float64 {
			if t > 1e-3 {
				return outside
			}
			return -t + 600*t*t
		}, func(t float64) float64 {
			if t > 1e-3 {
				return outside
			}
			return -1 + 1200*t
		})
		w, d := along(p)
		length, loss, end, err := w.wolfe(context.Background(), d, -1, 1e6, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		checkWolfe(t, fmt.Sprint("edge of ", outside), p, w, -1, length, loss, end, 0.9)
	}
}

// A slope that lies has no end to find; one that never ends goes on as far as
// the search looks.
func TestWolfeWithoutEnd(t *testing.T) {
	rises := line(func(t float64) float64 { return t }, func(float64) float64 { return -1 })
	w, d := along(rises)
	if _, _, _, err := w.wolfe(context.Background(), d, -1, 1, 0.9); !errors.Is(err, lr.ErrNoProgress) {
		t.Errorf("rising against its slope: %v, want no progress", err)
	}
	falls := line(func(t float64) float64 { return -t }, func(float64) float64 { return -1 })
	w, d = along(falls)
	if length, loss, _, err := w.wolfe(context.Background(), d, -1, 1, 0.9); err != nil || length < 1e6 || loss != -length {
		t.Errorf("falling for ever: length %g, value %g, error %v; want a long step down", length, loss, err)
	}
	bottomless := line(func(t float64) float64 { return -math.Exp(t * t) }, func(t float64) float64 { return -1 - 2*t*math.Exp(t*t) })
	w, d = along(bottomless)
	if _, loss, _, err := w.wolfe(context.Background(), d, -1, 1, 0.1); err != nil || !math.IsInf(loss, -1) {
		t.Errorf("a value of −Inf: %g, error %v; want it handed on", loss, err)
	}
	jagged := line(func(t float64) float64 { return -t }, func(t float64) float64 {
		if t > 0 {
			return math.NaN()
		}
		return -1
	})
	w, d = along(jagged)
	if _, _, _, err := w.wolfe(context.Background(), d, -1, 1, 0.1); !errors.Is(err, errGradient) {
		t.Errorf("a slope of NaN: error %v, want one that says so", err)
	}
}

func TestWatch(t *testing.T) {
	w := &walk{loss: 5, norm: 3}
	b := newWatch(w)
	for k, c := range []struct {
		loss, norm float64
		idle       int
	}{{5, 3, 1}, {6, 4, 2}, {6, 2, 0}, {5, 2, 1}, {4, 9, 0}, {math.NaN(), 9, 1}} {
		w.loss, w.norm = c.loss, c.norm
		if b.see(w); b.idle != c.idle {
			t.Errorf("point %d: %d idle steps, want %d", k, b.idle, c.idle)
		}
	}
}

func TestFirstStepGuess(t *testing.T) {
	// ∇f = 8x: 1/L is 1/8, from any point; at 0 there is nothing to tell.
	p := line(func(t float64) float64 { return 4 * t * t }, func(t float64) float64 { return 8 * t })
	for _, at := range []float64{1e-6, 1, -3e5} {
		w := newWalk(p, &lr.Factors{U: mat.NewDense(1, 1, []float64{at})})
		if got := w.firstStep(); math.Abs(got-0.125) > 1e-6 {
			t.Errorf("at %g the guess of 1/L is %g, want 0.125", at, got)
		}
	}
	w := newWalk(p, lr.NewPoint(p))
	if got := w.firstStep(); got != 1 {
		t.Errorf("at a critical point the guess is %g, want 1", got)
	}
	flat := line(func(t float64) float64 { return t }, func(float64) float64 { return 1 })
	w = newWalk(flat, lr.NewPoint(flat))
	if got := w.firstStep(); !(got > 0) || !finite(got) {
		t.Errorf("on a plane the guess is %g; want a positive number", got)
	}
}

// A pair with ⟨s,y⟩ ≤ 0 is not kept; when it was written over the oldest of a
// full memory, that one is gone and no other.
func TestLBFGSRemembersOnlyConvexPairs(t *testing.T) {
	p := line(func(t float64) float64 { return t * t / 2 }, func(t float64) float64 { return t })
	one := func(v float64) *lr.Factors { return &lr.Factors{U: mat.NewDense(1, 1, []float64{v})} }
	stepper, err := LBFGS{Memory: 2}.Start(p, one(1))
	if err != nil {
		t.Fatal(err)
	}
	s := stepper.(*lbfgsState)
	for k, c := range []struct {
		bend  float64 // ⟨s,y⟩ for a step of length 1
		count int
		first float64 // of the newest pair
	}{{3, 1, 3}, {-1, 1, 3}, {5, 2, 5}, {7, 2, 7}, {0, 1, 7}, {2, 2, 2}} {
		s.x, s.nextX = one(1), one(0)
		s.grad, s.nextGrad = one(c.bend), one(0)
		s.remember()
		if newest, _ := s.pair(0); s.count != c.count || newest.sy != c.first {
			t.Errorf("pair %d: %d pairs, the newest with ⟨s,y⟩ = %g; want %d and %g", k, s.count, newest.sy, c.count, c.first)
		}
	}
	if oldest, _ := s.pair(1); oldest.sy != 7 {
		t.Errorf("the older pair has ⟨s,y⟩ = %g, want 7", oldest.sy)
	}
}

// A direction that does not go down makes way for −∇f, and idling ends.
func TestLBFGSGivesUp(t *testing.T) {
	p := line(func(t float64) float64 { return t * t / 2 }, func(t float64) float64 { return t })
	stepper, err := LBFGS{}.Start(p, &lr.Factors{U: mat.NewDense(1, 1, []float64{1})})
	if err != nil {
		t.Fatal(err)
	}
	s := stepper.(*lbfgsState)
	s.aim(1, s.grad) // uphill
	if s.descends() {
		t.Error("uphill is taken for downhill")
	}
	s.trial = 1
	if err := s.Step(context.Background()); err != nil || !(s.loss < 0.5) {
		t.Errorf("from an uphill direction: error %v at %g; want a step down along −∇f", err, s.loss)
	}
	s.watch.idle = patience
	s.grad.U.Set(0, 0, 1)
	s.norm = 1
	if err := s.Step(context.Background()); !errors.Is(err, lr.ErrNoProgress) {
		t.Errorf("after %d idle steps: error %v, want no progress", patience, err)
	}
}

package show

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// must is the value of a constructor without an error.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// valley is ½‖UUᵀ − diag(4, 2, 1, 0.5, 0.1)‖² of rank 2, a saddle of it, whose
// least eigenvalue is −6 along the first row, and a minimiser.
func valley(t testing.TB) (p lr.Problem, saddle, end *lr.Factors) {
	a := mat.NewDense(5, 5, nil)
	for i, v := range []float64{4, 2, 1, 0.5, 0.1} {
		a.Set(i, i, v)
	}
	p = must[*problem.Quadratic](t)(problem.Factorisation{A: a, Rank: 2, Symmetric: true}.New())
	saddle, end = lr.NewSymmetric(5, 2), lr.NewSymmetric(5, 2)
	saddle.U.Set(1, 0, math.Sqrt2)
	saddle.U.Set(2, 1, 1)
	end.U.Set(0, 0, 2)
	end.U.Set(1, 1, math.Sqrt2)
	return p, saddle, end
}

// descent is a path from near a point by plain gradient steps, with their
// trace.
func descent(p lr.Problem, x *lr.Factors, step float64, n int) ([]*lr.Factors, *lr.Trace) {
	eval, grad := p.NewEval(), x.Clone()
	x = x.Clone()
	tr := &lr.Trace{Method: "descent"}
	var path []*lr.Factors
	for k := range n {
		loss := eval.Grad(grad, x)
		tr.Rows = append(tr.Rows, lr.Row{Iter: k, Loss: loss, GradNorm: grad.Norm()})
		path = append(path, x.Clone())
		x.AddScaled(-step, grad)
	}
	return path, tr
}

// made is a certificate with these numbers alone.
func made(v landscape.Verdict, proven bool, value, residual, largest float64) *landscape.Certificate {
	return &landscape.Certificate{
		Verdict: v, Rigorous: proven, GradNorm: 1e-3, RelGrad: 1e-4, GaugeDim: 1, Gamma: 1e-6 * largest,
		Curvature: landscape.Curvature{Value: value, Residual: residual, Largest: largest},
	}
}

// certify is a certificate of the library.
func certify(t testing.TB, p lr.Problem, x *lr.Factors) *landscape.Certificate {
	t.Helper()
	return must[*landscape.Certificate](t)(landscape.Certify(context.Background(), p, x, nil))
}

// escape is a run that leaves a saddle, as the figures show it.
func escape(t testing.TB) (Landscape, Profile, Spectrum, Verdicts) {
	p, saddle, end := valley(t)
	start := saddle.Clone()
	start.U.Set(0, 1, 0.01)
	start.U.Set(3, 0, 0.01)
	path, tr := descent(p, start, 0.03, 301)
	a := made(landscape.NegativeCurvature, true, -6, 1e-3, 8)
	a.Curvature.Direction = lr.NewSymmetric(5, 2)
	a.Curvature.Direction.U.Set(0, 1, 1)
	points := []LandscapePoint{
		{"saddle", saddle, a}, {"end", end, made(landscape.NearOptimum, true, 2, 1e-9, 16)},
		{"step 30", path[30], made(landscape.LargeGradient, false, -5, 0.5, 9)},
	}
	var steps []Certified
	for k := 0; k <= 300; k += 10 {
		c := made(landscape.NearOptimum, true, 2, 1e-9, 16)
		switch {
		case k < 30:
			c = made(landscape.NegativeCurvature, true, -6+0.1*float64(k), 1e-3, 8)
		case k < 120:
			c = made(landscape.LargeGradient, k%20 == 0, 0.02*float64(k-60), 0.5, 12)
		}
		c.RelGrad = tr.Rows[k].GradNorm / 30
		steps = append(steps, Certified{k, c})
	}
	return Landscape{Title: "Away from a saddle", Problem: p, Center: saddle, To: end, Path: path, Points: points, Seed: 1},
		Profile{Problem: p, Center: saddle, Along: a.Curvature.Direction, Points: points[:1]},
		Spectrum{Problem: p, Points: points},
		Verdicts{Curve: GradNorm("gradient norm", tr), Points: steps}
}

// landscapes is one figure of every kind that shows a problem.
func landscapes(t testing.TB) map[string]*Figure {
	l, p, s, v := escape(t)
	return map[string]*Figure{"landscape": l.Figure(), "profile": p.Figure(), "spectrum": s.Figure(), "verdicts": v.Figure()}
}

// TestGoldenLandscapes compares pictures of problems with those that were
// looked at, as TestGoldenSVG does.
func TestGoldenLandscapes(t *testing.T) {
	for name, f := range landscapes(t) {
		got := imageSums(t, f.SVG())
		path := filepath.Join("testdata", name+".svg")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("the picture differs from %s (%d bytes, was %d); look at it and run go test -update", path, len(got), len(want))
		}
		if len(got) > 40_000 {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
}

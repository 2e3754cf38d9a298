package solver

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestMetric compares with the explicit inverse of VᵀV + λI.
func TestMetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, r := rapid.IntRange(1, 12).Draw(t, "d"), rapid.IntRange(1, 6).Draw(t, "r")
		lambda := rapid.Float64Range(0.01, 10).Draw(t, "λ")
		rng := lr.Stream(rapid.Uint64().Draw(t, "seed"), "metric")
		v, g := lr.NormalMatrix(rng, d, r), lr.NormalMatrix(rng, 7, r)
		var gram, inverse, want mat.Dense
		gram.Mul(v.T(), v)
		for k := range r {
			gram.Set(k, k, gram.At(k, k)+lambda)
		}
		if err := inverse.Inverse(&gram); err != nil {
			t.Skip(err)
		}
		want.Mul(g, &inverse)
		m, got := newMetric(r), mat.NewDense(7, r, nil)
		m.set(v, lambda)
		m.divide(got, g)
		got.Sub(got, &want)
		if e := mat.Norm(got, 2); !(e <= 1e-9*(1+mat.Norm(&want, 2))) {
			t.Fatalf("off by %g", e)
		}
	})
}

// A Gram matrix that has no inverse, whatever the reason, gives finite numbers
// for a finite gradient, and those of the pseudo-inverse for one that V could
// have made.
func TestMetricSingular(t *testing.T) {
	column := lr.NormalMatrix(lr.Stream(1, "metric"), 6, 1)
	double := mat.NewDense(6, 2, nil) // two equal columns
	for i := range 6 {
		double.SetRow(i, []float64{column.At(i, 0), column.At(i, 0)})
	}
	wild := mat.NewDense(6, 2, nil)
	wild.Set(0, 0, math.NaN())
	g, got := mat.NewDense(1, 2, []float64{3, 3}), mat.NewDense(1, 2, nil)
	for name, v := range map[string]*mat.Dense{"equal columns": double, "zero": mat.NewDense(6, 2, nil), "NaN": wild} {
		m := newMetric(2)
		m.set(v, 0)
		m.divide(got, g)
		if a := got.At(0, 0); !finite(a) || math.Abs(a-got.At(0, 1)) > 1e-3*math.Abs(a) {
			t.Errorf("%s: %v", name, got.RawRowView(0))
		}
		if want := 3 / (2 * mat.Dot(column.ColView(0), column.ColView(0))); name == "equal columns" && math.Abs(got.At(0, 0)-want) > 1e-6*want {
			t.Errorf("%s: %g, the pseudo-inverse gives %g", name, got.At(0, 0), want)
		}
	}
}

// TestRayCurvature is exact for ½w‖UVᵀ − A‖², also from 0.
func TestRayCurvature(t *testing.T) {
	a := lr.NormalMatrix(lr.Stream(1, "a"), 5, 4)
	for _, sym := range []bool{false, true} {
		p := lr.Funcs{D1: 5, D2: 4, Rank: 2, Sym: sym, GradFunc: func(_, x *lr.Factors) float64 {
			var s float64
			d1, d2 := x.Dims()
			for i := range d1 {
				for j := range d2 {
					e := x.At(i, j) - a.At(i%5, j%4)
					s += e * e
				}
			}
			return 35 * s
		}}
		e, x := p.NewEval(), lr.NewPoint(p)
		for _, from := range []string{"0", "a random point"} {
			if got := rayCurvature(e, x, e.Grad(nil, x), lr.NewPoint(p)); math.Abs(got-70) > 1e-10 {
				t.Errorf("symmetric %t, from %s: %g, want 70", sym, from, got)
			}
			drawNormal(x, lr.Stream(2, "x"))
		}
	}
}

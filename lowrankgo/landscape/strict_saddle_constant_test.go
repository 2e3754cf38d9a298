package landscape

import (
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"pgregory.net/rapid"
)

// allows reports whether a point has −λ ≥ cσ or ‖Δ‖ ≤ scale·ε/(cσ).
func allows(p SaddleNumbers, c, sigma, scale float64) bool {
	return -p.Curvature >= c*sigma || p.Distance <= scale*p.GradNorm/(c*sigma)
}

// The constant found is allowed by all points, and none larger is.
func TestStrictSaddleConstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := func(name string, lo float64) float64 { return rapid.Float64Range(lo, 5).Draw(t, name) }
		sigma, scale := number("σ", 0.1), number("scale", 0.1)
		var points []SaddleNumbers
		for range rapid.IntRange(1, 8).Draw(t, "points") {
			points = append(points, SaddleNumbers{GradNorm: number("gradient", 0.01), Curvature: number("curvature", -5), Distance: number("distance", 0)})
		}
		s, err := StrictSaddleConstant(sigma, scale, points)
		if err != nil {
			t.Fatal(err)
		}
		if s.Curved+s.Near != len(points) {
			t.Fatalf("%d + %d points of %d", s.Curved, s.Near, len(points))
		}
		if math.IsInf(s.C, 1) { // all at distance 0
			return
		}
		for i, p := range points {
			if !allows(p, s.C*(1-1e-12), sigma, scale) {
				t.Fatalf("point %d does not allow %g: %+v", i, s.C, p)
			}
			if math.IsInf(s.C, 1) || s.C <= 0 {
				continue
			}
			less := SaddleConstant{C: s.C * (1 - 1e-9), Sigma: sigma, Scale: scale}
			if in := less.StrictSaddle(p.GradNorm*(1+1e-12), p); in.LargeGradient || !in.Any() {
				t.Fatalf("point %d: %v", i, in)
			}
			if in := s.StrictSaddle(p.GradNorm/2, p); !in.LargeGradient || in.Gamma != s.C*sigma {
				t.Fatalf("point %d: %v", i, in)
			}
		}
		if allows(points[s.Worst], s.C*(1+1e-9), sigma, scale) {
			t.Fatalf("the worst point allows more than %g: %+v", s.C, points[s.Worst])
		}
	})
}

func TestStrictSaddleConstantEnds(t *testing.T) {
	s, err := StrictSaddleConstant(2, 1, []SaddleNumbers{
		{Curvature: -4, Distance: 3},  // a saddle: c = 2
		{GradNorm: 1, Distance: 0.25}, // near: c = 2
		{GradNorm: 0, Distance: 0},    // a solution: any
		{GradNorm: 6, Curvature: 1, Distance: 2},
	})
	if err != nil || s.C != 1.5 || s.Worst != 3 || s.Curved != 1 || s.Near != 3 {
		t.Errorf("%+v, %v; want 1.5 at the last, 1 curved, 3 near", s, err)
	}
	// A spurious minimum allows none.
	if s, err = StrictSaddleConstant(1, 1, []SaddleNumbers{{Curvature: 2, Distance: 1}}); err != nil || s.C != 0 {
		t.Errorf("at a spurious minimum %+v, %v; want 0", s, err)
	}
	for name, c := range map[string]struct {
		sigma, scale float64
		points       []SaddleNumbers
		want         error
	}{
		"no points": {1, 1, nil, lr.ErrEmpty},
		"σ = 0":     {0, 1, make([]SaddleNumbers, 1), lr.ErrValue},
		"scale NaN": {1, math.NaN(), make([]SaddleNumbers, 1), lr.ErrValue},
		"σ = Inf":   {math.Inf(1), 1, make([]SaddleNumbers, 1), lr.ErrValue},
		"curvature": {1, 1, []SaddleNumbers{{Curvature: math.NaN()}}, lr.ErrValue},
		"distance":  {1, 1, []SaddleNumbers{{Distance: -1}}, lr.ErrValue},
		"gradient":  {1, 1, []SaddleNumbers{{GradNorm: math.Inf(1)}}, lr.ErrValue},
	} {
		if _, err := StrictSaddleConstant(c.sigma, c.scale, c.points); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

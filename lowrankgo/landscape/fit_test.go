package landscape

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"
)

func TestFitRateExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slope := rapid.Float64Range(-4, 4).Draw(t, "slope")
		factor := rapid.Float64Range(1e-3, 1e3).Draw(t, "factor")
		n := rapid.IntRange(2, 40).Draw(t, "n")
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = 0.1 * float64(i+1)
			y[i] = factor * math.Pow(x[i], slope)
		}
		f, err := FitRate(x, y, 0)
		if err != nil || math.Abs(f.Slope-slope) > 1e-10 || math.Abs(f.Factor/factor-1) > 1e-10 || f.Spread > 1e-10 || f.Points != n {
			t.Fatalf("%v, %v", f, err)
		}
		if n > 2 && !(f.High-f.Low < 1e-9) || n == 2 && !math.IsInf(f.High-f.Low, 1) {
			t.Fatalf("n = %d: %v", n, f)
		}
	})
}

// With errors the fit is gonum's regression of the logarithms.
func TestFitRateAgainstRegression(t *testing.T) {
	rng := lr.Stream(5, "fit")
	for range 50 {
		n := 3 + rng.IntN(30)
		x, y, lx, ly := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range x {
			lx[i], ly[i] = rng.NormFloat64(), 3*rng.NormFloat64()
			x[i], y[i] = math.Exp(lx[i]), math.Exp(ly[i])
		}
		f, err := FitRate(x, y, 0.95)
		a, b := stat.LinearRegression(lx, ly, nil, false)
		if err != nil || math.Abs(f.Slope-b) > 1e-9*(1+math.Abs(b)) || math.Abs(math.Log(f.Factor)-a) > 1e-9*(1+math.Abs(a)) {
			t.Errorf("%v, %v; want slope %v, factor e^%v", f, err, b, a)
		}
	}
}

// The interval of the slope covers the truth in about 95 of 100 draws.
func TestFitRateCoverage(t *testing.T) {
	rng := lr.Stream(7, "coverage")
	const draws = 2000
	covered := 0
	for range draws {
		x, y := make([]float64, 8), make([]float64, 8)
		for i := range x {
			x[i] = float64(i + 1)
			y[i] = 2 * math.Pow(x[i], 1.5) * math.Exp(0.3*rng.NormFloat64())
		}
		f, err := FitRate(x, y, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if f.Low <= 1.5 && 1.5 <= f.High {
			covered++
		}
	}
	if p, _ := NewProportion(covered, draws, 0.999); !(p.Low <= 0.95 && 0.95 <= p.High) {
		t.Errorf("seed 7: covered %v", p)
	}
}

func TestFitConstant(t *testing.T) {
	c, err := FitConstant([]float64{1, 2, 4, 8}, []float64{3, 2, 16, 0})
	if err != nil || c != (EmpiricalConstant{Median: 2, Low: 0, High: 4, Points: 4}) {
		t.Errorf("%v, %v", c, err)
	}
	c, err = FitConstant([]float64{2}, []float64{1})
	if err != nil || c != (EmpiricalConstant{Median: 0.5, Low: 0.5, High: 0.5, Points: 1}) {
		t.Errorf("%v, %v", c, err)
	}
	if !strings.HasPrefix(c.String(), "empirical: ") {
		t.Error(c)
	}
}

func TestFitErrors(t *testing.T) {
	rate := func(x, y []float64) error { _, err := FitRate(x, y, 0); return err }
	constant := func(x, y []float64) error { _, err := FitConstant(x, y); return err }
	for _, c := range []struct {
		err  error
		is   error
		says string
	}{
		{rate([]float64{1}, []float64{1}), lr.ErrShape, "at least 2"},
		{rate([]float64{1, 2}, []float64{1}), lr.ErrShape, "2 numbers x and 1 numbers y"},
		{rate([]float64{1, 0}, []float64{1, 1}), lr.ErrValue, "point 1 of a fit is (0, 1)"},
		{rate([]float64{1, 2}, []float64{0, 1}), lr.ErrValue, "(1, 0)"},
		{rate([]float64{1, 2}, []float64{1, math.NaN()}), lr.ErrValue, "(2, NaN)"},
		{rate([]float64{3, 3, 3}, []float64{1, 2, 3}), lr.ErrValue, "all 3"},
		{constant(nil, nil), lr.ErrShape, "at least 1"},
		{constant([]float64{-1}, []float64{1}), lr.ErrValue, "(-1, 1)"},
		{constant([]float64{1}, []float64{math.Inf(1)}), lr.ErrValue, "+Inf"},
	} {
		if !errors.Is(c.err, c.is) || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("got the error %v; want %q", c.err, c.says)
		}
	}
	if _, err := FitRate([]float64{1, 2}, []float64{1, 2}, 2); !errors.Is(err, lr.ErrValue) {
		t.Error(err)
	}
}

// Iterations that double when 1/ε is ten times as large grow like (1/ε)^0.3.
func ExampleFitRate() {
	f, err := FitRate([]float64{10, 100, 1000, 10000}, []float64{50, 100, 205, 400}, 0.95)
	fmt.Println(f, err)
	// Output: empirical: y ≈ 25·x^0.302 (slope 0.29 to 0.314 at 95 %, 4 points) <nil>
}

// The constant of an O(·) is the largest ratio that was seen.
func ExampleFitConstant() {
	c, err := FitConstant([]float64{1, 2, 4}, []float64{0.9, 2.2, 3.4})
	fmt.Println(c, err)
	// Output: empirical: 0.9 (0.85–1.1 on 3 instances) <nil>
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// newParts makes parts of entries: y row by row, L of rank one from u and v.
func newParts(t *testing.T, y *mat.Dense, u, v []float64, rows, cols []int, values []float64) *parts {
	t.Helper()
	d1, d2 := y.Dims()
	s, err := lr.NewSparse(d1, d2, rows, cols, values)
	if err != nil {
		t.Fatal(err)
	}
	return &parts{y: y, l: &lr.Factors{U: mat.NewDense(d1, 1, u), V: mat.NewDense(d2, 1, v)}, s: s}
}

func TestPartsSums(t *testing.T) {
	nan := math.NaN()
	p := newParts(t, mat.NewDense(2, 3, []float64{3, nan, -4, 1, 10, 0}), []float64{1, 0}, []float64{1, 1, 1}, []int{0, 1}, []int{2, 1}, []float64{-5, 8})
	// Y − L − S is [2 · 0; 1 2 0].
	got := p.sums()
	want := sums{observed: 5, data: math.Sqrt(9 + 16 + 1 + 100), left: 3, lo: -4, hi: 10}
	if got.observed != want.observed || math.Abs(got.data-want.data) > 1e-12 || math.Abs(got.left-want.left) > 1e-12 || got.lo != want.lo || got.hi != want.hi {
		t.Errorf("%+v, want %+v", got, want)
	}
	if r := got.residual(); math.Abs(r-3/want.data) > 1e-12 {
		t.Errorf("residual %v", r)
	}
	if r := (sums{left: 1}).residual(); r != 0 {
		t.Errorf("residual of zero data %v", r)
	}
	if n := p.beyond(5); n != 1 {
		t.Errorf("%d entries beyond 5", n)
	}
}

// The noise is that of the entries which are no outliers, also of large data,
// of which a part is looked at.
func TestPartsNoise(t *testing.T) {
	for _, d := range [][2]int{{300, 200}, {2000, 1500}, {3, 4}} {
		rng := rand.New(rand.NewPCG(1, uint64(d[0])))
		y := mat.NewDense(d[0], d[1], nil)
		for i := range d[0] {
			for j := range d[1] {
				v := 100 + 2*rng.NormFloat64()
				if rng.Float64() < 0.05 {
					v += 500
				}
				y.Set(i, j, v)
			}
		}
		u, v := make([]float64, d[0]), make([]float64, d[1])
		for i := range u {
			u[i] = 1
		}
		for j := range v {
			v[j] = 100
		}
		noise, size := newParts(t, y, u, v, nil, nil, nil).noise()
		if d[0] > 3 && math.Abs(noise-2.12) > 0.1 { // 2, and a little more for the outliers
			t.Errorf("%d×%d: noise %v", d[0], d[1], noise)
		}
		if math.Abs(size-100) > 3 {
			t.Errorf("%d×%d: size %v", d[0], d[1], size)
		}
	}
}

func TestPartsOver(t *testing.T) {
	nan := math.NaN()
	y := mat.NewDense(3, 4, []float64{1, 1, 1, 1, 1, nan, nan, nan, 1, 1, 1, nan})
	p := newParts(t, y, make([]float64, 3), make([]float64, 4), []int{0, 0, 0, 1, 2}, []int{0, 1, 2, 0, 0}, []float64{5, 5, 0.5, 5, 5})
	// Half of the observed: two of row 0, none of row 1, one of row 2; one of column 0.
	for threshold, want := range map[float64][2]int{1: {1, 1}, 0.1: {2, 1}, 9: {0, 0}} {
		if rows, cols := p.over(lr.SparseSet{Alpha: 0.5}, threshold); rows != want[0] || cols != want[1] {
			t.Errorf("beyond %v: %d rows and %d columns, want %v", threshold, rows, cols, want)
		}
	}
}

// Singular values from the factors are those of their product.
func TestSingularValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 8).Draw(t, "d1"), rapid.IntRange(1, 8).Draw(t, "d2")
		r := rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
		entry := rapid.Float64Range(-10, 10)
		x := &lr.Factors{
			U: mat.NewDense(d1, r, rapid.SliceOfN(entry, d1*r, d1*r).Draw(t, "U")),
			V: mat.NewDense(d2, r, rapid.SliceOfN(entry, d2*r, d2*r).Draw(t, "V")),
		}
		got, err := singularValues(x)
		if err != nil {
			t.Fatal(err)
		}
		var svd mat.SVD
		if !svd.Factorize(x.Dense(), mat.SVDNone) {
			t.Fatal("no singular values")
		}
		for k, want := range svd.Values(nil)[:r] {
			if math.Abs(got[k]-want) > 1e-9*(1+got[0]) {
				t.Fatalf("%v, want %v", got, svd.Values(nil))
			}
		}
	})
}

func TestNumericalRank(t *testing.T) {
	for want, sigma := range [][]float64{{}, {2, 1e-12}, {2, 1e-9, 0}, {3, 2, 1}} {
		if got := numericalRank(sigma); got != want {
			t.Errorf("%v has rank %d, want %d", sigma, got, want)
		}
	}
	if numericalRank([]float64{0, 0}) != 0 {
		t.Error("a matrix of zeros has a rank")
	}
}

func TestGreyRange(t *testing.T) {
	for _, c := range [][4]float64{{0, 255, 0, 255}, {3, 17, 0, 255}, {0, 1, 0, 1}, {-4, 9, -4, 9}, {0, 256, 0, 256}, {7e3, 7e3, 7e3, 7e3 + 1}} {
		if black, white := greyRange(c[0], c[1]); black != c[2] || white != c[3] {
			t.Errorf("%v to %v is shown from %v to %v", c[0], c[1], black, white)
		}
	}
}

func TestPictures(t *testing.T) {
	p := newParts(t, mat.NewDense(2, 2, []float64{3, math.NaN(), 1, 2}), []float64{1, 1}, []float64{1, 2}, []int{0, 1}, []int{0, 0}, []float64{2, -0.4})
	for _, pic := range p.pictures(1, 6, 1) { // 51 greys a unit
		want := map[string][]float64{"background": {0, 51, 0, 51}, "foreground": {102, math.NaN(), 0, 0}, "mask": {255, 0, 0, 0}}[pic.name]
		for k, w := range want {
			if got := pic.x.At(k/2, k%2); got != w && !(math.IsNaN(got) && math.IsNaN(w)) {
				t.Errorf("%s at %d is %v, want %v", pic.name, k, got, w)
			}
			if got := pic.x.T().At(k%2, k/2); got != w && !math.IsNaN(w) {
				t.Errorf("%s transposed at %d is %v, want %v", pic.name, k, got, w)
			}
		}
	}
}

func TestNumberInJSON(t *testing.T) {
	b, err := json.Marshal([]number{1.5, number(math.NaN()), number(math.Inf(1)), -0.25})
	if err != nil || string(b) != "[1.5,null,null,-0.25]" {
		t.Errorf("%s, %v", b, err)
	}
}

// Lines come now and then, with what is left at most.
func TestStepsWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newSteps(&out)
	s.now = func() time.Time { return clock }
	s.begin(100, 0)
	for k := range 6 {
		if !s.row(lr.Row{Iter: k, Residual: 0.5, Loss: math.NaN(), GradNorm: math.NaN()}) {
			t.Fatal("the run is stopped")
		}
		clock = clock.Add(time.Second)
	}
	s.end()
	want := "step 2 of at most 100: residual 0.5, at most 1m38s left\nstep 4 of at most 100: residual 0.5, at most 1m36s left\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
	for _, c := range []struct {
		limit         int
		time, elapsed time.Duration
		done          int
		want          time.Duration
	}{
		{10, 0, 4 * time.Second, 2, 16 * time.Second},
		{10, 5 * time.Second, 4 * time.Second, 2, time.Second},
		{10, 5 * time.Second, 8 * time.Second, 2, 0},
		{10, 0, 0, 0, -1},
		{10, 0, time.Second, 10, 0},
	} {
		s := steps{limit: c.limit, time: c.time}
		if got := s.left(c.done, c.elapsed); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestMeasure(t *testing.T) {
	nan := math.NaN()
	for want, r := range map[string]lr.Row{
		"residual 0.125":       {Residual: 0.125, Loss: 3, GradNorm: 1},
		"loss 3, gradient 0.5": {Residual: nan, Loss: 3, GradNorm: 0.5},
		"loss 3":               {Residual: nan, Loss: 3, GradNorm: nan},
	} {
		if got := measure(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Every way to end that is no convergence is explained.
func TestAdvice(t *testing.T) {
	for s := lr.Running; s <= lr.Failed; s++ {
		if s.Converged() != (advice(s) == "") && s != lr.Running && s != lr.Stopped && s.Err() == nil {
			t.Errorf("%v: %q", s, advice(s))
		}
	}
}

func TestMethodTable(t *testing.T) {
	help := methodTable()
	for _, m := range methods() {
		if !strings.Contains(help, fmt.Sprintf("  %-12s  %s\n", m.name, m.what)) {
			t.Errorf("%s is not in\n%s", m.name, help)
		}
		if found, ok := findMethod(strings.ToUpper(m.name)); !ok || found.name != m.name {
			t.Errorf("%s is not found", m.name)
		}
	}
}

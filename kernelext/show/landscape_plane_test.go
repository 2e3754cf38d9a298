package show

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// drawnPoint is random factors of a random shape.
func drawnPoint(t *rapid.T, d1, d2, r int, symmetric bool, name string) *lr.Factors {
	rng := lr.Stream(rapid.Uint64().Draw(t, name), name)
	x := &lr.Factors{U: lr.NormalMatrix(rng, d1, r)}
	if !symmetric {
		x.V = lr.NormalMatrix(rng, d2, r)
	}
	return x
}

// rotationOf is a random orthogonal matrix.
func rotationOf(seed uint64, r int) *mat.Dense {
	var qr mat.QR
	qr.Factorize(lr.NormalMatrix(lr.Stream(seed, "rotation"), r, r))
	var q mat.Dense
	qr.QTo(&q)
	return &q
}

// TestPlane: axes are orthonormal, points come back from their coordinates, and
// what is added off the plane is its distance.
func TestPlane(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(2, 6).Draw(t, "d1"), rapid.IntRange(2, 6).Draw(t, "d2")
		r, symmetric := rapid.IntRange(1, 2).Draw(t, "r"), rapid.Bool().Draw(t, "symmetric")
		of := func(name string) *lr.Factors { return drawnPoint(t, d1, d2, r, symmetric, name) }
		origin, a, b := of("origin"), of("first"), of("second")
		pl, err := newPlane(origin, a, b, true)
		if err != nil {
			t.Fatal(err)
		}
		if d := math.Abs(pl.e1.Dot(pl.e2)) + math.Abs(pl.e1.Norm()-1) + math.Abs(pl.e2.Norm()-1); d > 1e-12 {
			t.Fatalf("the axes are %v from orthonormal", d)
		}
		if math.Abs(pl.unit-a.Norm()) > 1e-12*a.Norm() {
			t.Fatalf("unit %v, want %v", pl.unit, a.Norm())
		}
		s, u := rapid.Float64Range(-3, 3).Draw(t, "s"), rapid.Float64Range(-3, 3).Draw(t, "t")
		x := origin.Clone()
		pl.point(x, s, u)
		q := pl.project(x)
		if math.Abs(q.s-s)+math.Abs(q.t-u) > 1e-9 || q.off != 0 {
			t.Fatalf("(%v, %v) comes back as %+v", s, u, q)
		}
		off := of("off")
		off.AddScaled(-off.Dot(pl.e1), pl.e1)
		off.AddScaled(-off.Dot(pl.e2), pl.e2)
		x.AddScaled(1, off)
		if q := pl.project(x); math.Abs(q.s-s)+math.Abs(q.t-u) > 1e-9 || math.Abs(q.off-off.Norm()) > 1e-9*(1+off.Norm()) {
			t.Fatalf("with %v off the plane: %+v", off.Norm(), q)
		}
	})
}

// TestProcrustes: no other rotation brings the point nearer, and a turned copy
// comes back.
func TestProcrustes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, symmetric := rapid.IntRange(1, 3).Draw(t, "r"), rapid.Bool().Draw(t, "symmetric")
		x, ref := drawnPoint(t, 5, 4, r, symmetric, "x"), drawnPoint(t, 5, 4, r, symmetric, "ref")
		best := minusPoint(turned(x, procrustes(x, ref)), ref).Norm()
		seed := rapid.Uint64().Draw(t, "rotations")
		for k := range uint64(50) {
			if d := minusPoint(turned(x, rotationOf(seed+k, r)), ref).Norm(); d < best-1e-10 {
				t.Fatalf("a random rotation gives %v, the best gave %v", d, best)
			}
		}
		copied := turned(ref, rotationOf(seed, r))
		if d := minusPoint(turned(copied, procrustes(copied, ref)), ref).Norm(); d > 1e-10 {
			t.Fatalf("a turned copy comes back %v away", d)
		}
	})
}

// TestGaugeSlice: a slice does not depend on which factors of a matrix it is
// given, unless it is told to keep them.
func TestGaugeSlice(t *testing.T) {
	p := must[*problem.Quadratic](t)(problem.RandomCompletion{D1: 9, D2: 8, Rank: 2, P: 0.7, Seed: 3}.New())
	rng := lr.Stream(1, "gauge")
	center := &lr.Factors{U: lr.NormalMatrix(rng, 9, 2), V: lr.NormalMatrix(rng, 8, 2)}
	to := &lr.Factors{U: lr.NormalMatrix(rng, 9, 2), V: lr.NormalMatrix(rng, 8, 2)}
	other := turned(to, rotationOf(5, 2))
	values := func(to *lr.Factors, keep bool) ([]float64, string) {
		l := Landscape{Problem: p, Center: center, To: to, Points: []LandscapePoint{{"to", to, nil}}, N: 11, KeepGauge: keep}
		l.X0, l.X1, l.Y0, l.Y1 = -1, 2, -1, 1
		s, err := newSlice(l)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.plane.sample(Context(), p, s.grid); err != nil {
			t.Fatal(err)
		}
		if m := s.marks[0]; math.Abs(m.s-1)+math.Abs(m.t) > 1e-9 || m.off != 0 {
			t.Errorf("To is marked at (%v, %v), %v off", m.s, m.t, m.off)
		}
		return s.grid.z, strings.Join(s.describe(), "\n")
	}
	differ := func(a, b []float64) float64 {
		most := 0.0
		for i := range a {
			most = math.Max(most, math.Abs(a[i]-b[i])/(1+math.Abs(a[i])))
		}
		return most
	}
	first, text := values(to, false)
	second, _ := values(other, false)
	if d := differ(first, second); d > 1e-9 {
		t.Errorf("another factor of the same matrix gives values %v away", d)
	}
	if !strings.Contains(text, "points are turned along the gauge") {
		t.Errorf("the text does not say that points were turned:\n%s", text)
	}
	kept, text := values(to, true)
	keptOther, _ := values(other, true)
	if d := differ(kept, keptOther); d < 1e-3 {
		t.Errorf("KeepGauge does not keep the points: %v", d)
	}
	if strings.Contains(text, "gauge") {
		t.Errorf("the text speaks of a gauge:\n%s", text)
	}
}

// TestGaugeChecked: a problem that changes along the gauge keeps its points.
func TestGaugeChecked(t *testing.T) {
	_, saddle, end := valley(t)
	rotated := turned(end, rotationOf(2, 2))
	l := Landscape{Problem: uneven(), Center: saddle, To: rotated, N: 8}
	s, err := newSlice(l)
	if err != nil {
		t.Fatal(err)
	}
	if !s.To.Equal(rotated) || !s.gauge.seen || s.gauge.used {
		t.Error("points of a problem that sees the gauge were turned")
	}
	if text := l.String(); !strings.Contains(text, "the problem's value changes with it") {
		t.Errorf("the text does not say so:\n%s", text)
	}
}

// TestPathTurns: a path is turned as a whole, its points lie on it, and To is
// turned as its end.
func TestPathTurns(t *testing.T) {
	p, saddle, end := valley(t)
	for _, sign := range []float64{1, -1} {
		start := saddle.Clone()
		start.U.Set(0, 1, 0.01*sign) // which of the two ways down the path takes
		path, _ := descent(p, start, 0.03, 300)
		q := rotationOf(8, 2)
		for i := range path {
			path[i] = turned(path[i], q)
		}
		l := Landscape{Problem: p, Center: saddle, To: end, Path: path, N: 8, Points: []LandscapePoint{{"middle", path[40], nil}, {"copy", path[60].Clone(), nil}}}
		s, err := newSlice(l)
		if err != nil {
			t.Fatal(err)
		}
		first, last := s.path[0], s.path[len(s.path)-1]
		if math.Hypot(first.X, first.Y) > 0.05 || math.Hypot(last.X-1, last.Y) > 0.05 {
			t.Errorf("sign %v: the path runs from %v to %v", sign, first, last)
		}
		for i := 1; i < len(s.path); i++ {
			if math.Hypot(s.path[i].X-s.path[i-1].X, s.path[i].Y-s.path[i-1].Y) > 0.2 {
				t.Fatalf("sign %v: the path jumps at %d", sign, i)
			}
		}
		for i, k := range []int{40, 60} {
			if m := s.marks[i]; math.Hypot(m.s-s.path[k].X, m.t-s.path[k].Y) > 1e-12 {
				t.Errorf("sign %v: %s is at (%v, %v), the path at %v", sign, m.Name, m.s, m.t, s.path[k])
			}
		}
	}
}

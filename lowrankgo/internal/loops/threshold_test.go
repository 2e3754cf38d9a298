package loops

import (
	"math"
	"math/rand/v2"
	"testing"
)

// thresholded is a row of data beside the factors of its low-rank part.
type thresholded struct {
	d, u, vt []float64
	stride   int
	zeta     float64
}

func newThresholded(rng *rand.Rand, k, n int) thresholded {
	s := thresholded{d: random(rng, n), u: random(rng, k), stride: n + rng.IntN(4), zeta: 0.1 + 2*rng.Float64()}
	s.vt = random(rng, max(0, k-1)*s.stride+n)
	for j := range s.d {
		switch rng.IntN(8) {
		case 0:
			s.d[j] = math.NaN()
		case 1:
			s.d[j] *= 1e6
		}
	}
	return s
}

// check compares one way to threshold with the definition.
func (s thresholded) check(t *testing.T, name string, f func(dst []float64) (float64, int)) {
	t.Helper()
	n, k := len(s.d), len(s.u)
	dst := make([]float64, n)
	sum, kept := f(dst)
	var wantSum float64
	wantKept := 0
	for j, d := range s.d {
		var l float64
		for m, c := range s.u {
			l += c * s.vt[m*s.stride+j]
		}
		want := l
		if math.Abs(d-l) <= s.zeta {
			want = d
			wantSum += (d - l) * (d - l)
			wantKept++
			if dst[j] != d {
				t.Fatalf("%s, n = %d, k = %d: entry %d is %v, want the data as they are, %v", name, n, k, j, dst[j], d)
			}
		}
		near(t, name, n, dst[j], want, float64(k))
	}
	if kept != wantKept {
		t.Fatalf("%s, n = %d, k = %d: %d entries kept, want %d", name, n, k, kept, wantKept)
	}
	near(t, name+": the sum", n, sum, wantSum, float64(n*(k+1))*10)
}

func TestThresholdAgreesWithItsTwin(t *testing.T) {
	const seed = 21
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for n := 1; n < 70; n++ {
		for k := range 12 {
			s := newThresholded(rng, k, n)
			s.check(t, "Threshold", func(dst []float64) (float64, int) {
				return Threshold(dst, s.d, s.u, s.vt, s.stride, s.zeta)
			})
			s.check(t, "Threshold in place", func(dst []float64) (float64, int) {
				copy(dst, s.d)
				return Threshold(dst, dst, s.u, s.vt, s.stride, s.zeta)
			})
			s.check(t, "thresholdGo", func(dst []float64) (float64, int) {
				var u *float64
				if k > 0 {
					u = &s.u[0]
				}
				return thresholdGo(&dst[0], &s.d[0], n, u, k, &s.vt[0], s.stride, s.zeta)
			})
		}
	}
}

// The bound itself is within, an infinite one keeps all numbers and no NaN, and
// 0 keeps what is met exactly.
func TestThresholdAtItsBounds(t *testing.T) {
	d := []float64{1, -1, math.Nextafter(1, 2), 0, math.NaN(), math.Inf(1), 1}
	for _, c := range []struct {
		zeta float64
		kept int
		sum  float64
	}{{1, 4, 3}, {0, 1, 0}, {math.MaxFloat64, 5, 4}} {
		dst := make([]float64, len(d))
		sum, kept := Threshold(dst, d, nil, nil, 0, c.zeta)
		if kept != c.kept || math.Abs(sum-c.sum) > 1e-15 {
			t.Errorf("ζ = %g: %d kept with sum %v, want %d and %v", c.zeta, kept, sum, c.kept, c.sum)
		}
		if dst[4] != 0 || (c.zeta == 0 && dst[0] != 0) {
			t.Errorf("ζ = %g: %v; NaN and what is far must be 0", c.zeta, dst)
		}
	}
}

func TestThresholdStaysInside(t *testing.T) {
	const guard = 12345.0
	rng := rand.New(rand.NewPCG(5, 5))
	for n := range 40 {
		s := newThresholded(rng, 3, n)
		s.vt = append(s.vt, math.NaN(), math.NaN(), math.NaN(), math.NaN())
		dst := make([]float64, n+2)
		dst[0], dst[n+1] = guard, guard
		Threshold(dst[1:n+1], s.d, s.u, s.vt, s.stride, s.zeta)
		if dst[0] != guard || dst[n+1] != guard {
			t.Fatalf("n = %d: wrote outside its slice", n)
		}
		for _, v := range dst {
			if v != v {
				t.Fatalf("n = %d: read outside its slices", n)
			}
		}
	}
	for name, f := range map[string]func(){
		"a dst too short": func() { Threshold(make([]float64, 1), []float64{1, 2}, nil, nil, 0, 1) },
		"a vt too short":  func() { Threshold(make([]float64, 2), []float64{1, 2}, []float64{1, 1}, []float64{1, 2, 3}, 2, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func BenchmarkThreshold(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n, k = 256, 5
	d, u, vt, dst := random(rng, n), random(rng, k), random(rng, k*n), make([]float64, n)
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"variant", func() { Threshold(dst, d, u, vt, n, 1) }},
		{"go", func() { thresholdGo(&dst[0], &d[0], n, &u[0], k, &vt[0], n, 1) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.f()
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/n, "ns/entry")
		})
	}
}

package landscape

import (
	"math"
	"math/rand/v2"
	"testing"
)

// maximise looks for a large value of f over n numbers: from each of some
// normal starts, of sizes from 0.1 to 10, it climbs by random steps, along all
// coordinates or a few, whose length grows when they lead up and shrinks when
// they do not. It returns the best value and where it is. A NaN counts as −Inf.
// It costs starts·(steps+1) calls of f.
func maximise(rng *rand.Rand, n, starts, steps int, f func(x []float64) float64) (best float64, at []float64) {
	best, at = math.Inf(-1), make([]float64, n)
	x, next := make([]float64, n), make([]float64, n)
	for range starts {
		size := math.Pow(10, 2*rng.Float64()-1)
		for i := range x {
			x[i] = size * rng.NormFloat64()
		}
		if v := climb(rng, x, next, size, steps, f); v > best {
			best = v
			copy(at, x)
		}
	}
	return best, at
}

// climb moves x upwards and returns f there; next is a workspace.
func climb(rng *rand.Rand, x, next []float64, size float64, steps int, f func(x []float64) float64) float64 {
	value, length := orLeast(f(x)), 0.5*size
	for range steps {
		few := rng.IntN(3) == 0 // else along all coordinates
		for i, v := range x {
			next[i] = v
			if !few || rng.IntN(len(x)) < 2 {
				next[i] += length * rng.NormFloat64()
			}
		}
		if v := orLeast(f(next)); v > value {
			value = v
			copy(x, next)
			length *= 1.6
		} else {
			length *= 0.9
		}
		if length < 1e-9*size {
			length = size // stuck: look further away
		}
	}
	return value
}

func orLeast(v float64) float64 {
	if math.IsNaN(v) {
		return math.Inf(-1)
	}
	return v
}

func TestMaximise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	// The Rayleigh quotient of diag(1, …, 6) is at most 6.
	best, at := maximise(rng, 6, 5, 2000, func(x []float64) float64 {
		var a, b float64
		for i, v := range x {
			a += float64(i+1) * v * v
			b += v * v
		}
		return a / b
	})
	if best < 6-1e-3 || best > 6+1e-12 || len(at) != 6 {
		t.Errorf("found %v at %v, want 6", best, at)
	}
	if v, _ := maximise(rng, 1, 2, 10, func([]float64) float64 { return math.NaN() }); !math.IsInf(v, -1) {
		t.Errorf("of NaN the largest is %v, want −Inf", v)
	}
}

package sparse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// spiked is what robust PCA projects: noise with larger entries in a share α of
// the places of each row, at random.
func spiked(rng *rand.Rand, d1, d2 int, alpha, noise float64) *mat.Dense {
	x := lr.NormalMatrix(rng, d1, d2)
	x.Scale(noise, x)
	for i := range d1 {
		for _, j := range rng.Perm(d2)[:int(alpha*float64(d2))] {
			x.Set(i, j, rng.NormFloat64())
		}
	}
	return x
}

func benchProject(b *testing.B, rule Rule, x *mat.Dense) {
	d1, d2 := x.Dims()
	p, err := NewProjector(d1, d2, lr.SparseSet{Alpha: .1}, rule)
	if err != nil {
		b.Fatal(err)
	}
	s := new(lr.Sparse)
	for b.Loop() {
		if err := p.Project(context.Background(), s, x); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(d1*d2)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mentries/s")
}

// BenchmarkProject times the rules at α = 0.1, on normal entries and on large
// ones in noise.
func BenchmarkProject(b *testing.B) {
	for _, c := range []struct {
		rule   Rule
		d1, d2 int
	}{
		{Exact, 100, 100}, {Exact, 200, 200}, {Exact, 500, 500},
		{Greedy, 100, 100}, {Greedy, 1000, 1000},
		{Threshold, 100, 100}, {Threshold, 1000, 1000}, {Threshold, 5000, 2000},
	} {
		rng := lr.Stream(1, "bench")
		name := fmt.Sprintf("%v/%dx%d/", c.rule, c.d1, c.d2)
		normal, noisy := lr.NormalMatrix(rng, c.d1, c.d2), spiked(rng, c.d1, c.d2, .1, 1e-3)
		b.Run(name+"normal", func(b *testing.B) { benchProject(b, c.rule, normal) })
		b.Run(name+"spiked", func(b *testing.B) { benchProject(b, c.rule, noisy) })
	}
}

// quality is the mean and the least of the gain of a rule divided by the best
// one.
type quality struct{ mean, least float64 }

// ensemble is a family of random matrices: sides from lo to hi, α from least to
// most, entries normal or large ones in noise.
type ensemble struct {
	name        string
	lo, hi      int
	least, most float64
	noise       float64 // 0 for normal entries
}

// ensembles on which the fast rules are measured. Sides and α of the reference
// figures are not known: threshold 0.94 on average and 0.82 at least of 200,
// greedy 0.994 and 0.963.
var ensembles = []ensemble{
	{"small", 8, 20, .1, .5, 0},
	{"large", 60, 100, .1, .3, 0},
	{"noisy", 20, 60, .1, .3, .2},
}

func (e ensemble) draw(rng *rand.Rand) (*mat.Dense, lr.SparseSet) {
	d1, d2 := e.lo+rng.IntN(e.hi-e.lo+1), e.lo+rng.IntN(e.hi-e.lo+1)
	set := lr.SparseSet{Alpha: max(1/float64(min(d1, d2)), e.least+(e.most-e.least)*rng.Float64())}
	if e.noise == 0 {
		return lr.NormalMatrix(rng, d1, d2), set
	}
	return spiked(rng, d1, d2, set.Alpha, e.noise), set
}

// qualities measures Threshold and Greedy against Exact.
func qualities(tb testing.TB, e ensemble, seed uint64, count int) map[Rule]quality {
	rng, found := lr.Stream(seed, "quality"), map[Rule]quality{Threshold: {0, 1}, Greedy: {0, 1}}
	for range count {
		x, set := e.draw(rng)
		best := Gain(x, project(tb, x, set, Exact))
		for rule, q := range found {
			share := Gain(x, project(tb, x, set, rule)) / best
			found[rule] = quality{q.mean + share/float64(count), min(q.least, share)}
		}
	}
	return found
}

// BenchmarkQuality reports the measured quality of the fast rules on 200 random
// matrices of each ensemble.
func BenchmarkQuality(b *testing.B) {
	for _, e := range ensembles {
		b.Run(e.name, func(b *testing.B) {
			var found map[Rule]quality
			for b.Loop() {
				found = qualities(b, e, 1, 200)
			}
			for rule, q := range found {
				b.ReportMetric(q.mean, rule.String()+"/exact-mean")
				b.ReportMetric(q.least, rule.String()+"/exact-min")
			}
		})
	}
}

// TestQuality holds the fast rules to loose bounds on the best gain.
func TestQuality(t *testing.T) {
	for _, e := range ensembles {
		for seed := range uint64(2) {
			found := qualities(t, e, seed, 50)
			if g := found[Greedy]; !(g.mean > .98 && g.mean < 1 && g.least > .88) {
				t.Errorf("%s, seed %d: greedy has %.4f of the best gain on average and %.4f at least", e.name, seed, g.mean, g.least)
			}
			if h := found[Threshold]; !(h.mean > .85 && h.mean < .99 && h.least > .35) {
				t.Errorf("%s, seed %d: threshold has %.4f of the best gain on average and %.4f at least", e.name, seed, h.mean, h.least)
			}
		}
	}
}

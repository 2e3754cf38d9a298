package landscape

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"pgregory.net/rapid"
)

// Intervals from published tables of the exact binomial interval, and those
// that are closed: for k = n the lower end is tail^(1/n).
func TestProportionTable(t *testing.T) {
	for _, c := range []struct {
		k, n            int
		confidence      float64
		low, high, with float64
	}{
		{0, 10, 0.95, 0, 0.3085, 5e-5},
		{1, 10, 0.95, 0.0025, 0.4450, 5e-5},
		{5, 10, 0.95, 0.1871, 0.8129, 5e-5},
		{10, 10, 0.95, 0.6915, 1, 5e-5},
		{4, 20, 0.95, 0.0573, 0.4366, 5e-5},
		{33, 33, 0.95, math.Pow(0.025, 1.0/33), 1, 1e-12},
		{0, 33, 0.99, 0, 1 - math.Pow(0.005, 1.0/33), 1e-12},
		{1, 1, 0.9, 0.05, 1, 1e-12},
		{0, 0, 0.95, 0, 1, 0},
		{100_000, 100_000, 0.95, math.Pow(0.025, 1e-5), 1, 1e-12},
		{0, 100_000, 0.95, 0, -math.Expm1(1e-5 * math.Log(0.025)), 1e-12},
	} {
		p, err := NewProportion(c.k, c.n, c.confidence)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(p.Low-c.low) > c.with || math.Abs(p.High-c.high) > c.with {
			t.Errorf("%v; want %v–%v", p, c.low, c.high)
		}
	}
}

// tails are P(X ≥ k) and P(X ≤ k) of n trials at probability q, term by term.
func tails(k, n int, q float64) (above, below float64) {
	for i := range n + 1 {
		choose, _ := math.Lgamma(float64(n + 1))
		a, _ := math.Lgamma(float64(i + 1))
		b, _ := math.Lgamma(float64(n - i + 1))
		term := math.Exp(choose-a-b) * math.Pow(q, float64(i)) * math.Pow(1-q, float64(n-i))
		if i >= k {
			above += term
		}
		if i <= k {
			below += term
		}
	}
	return above, below
}

// At the ends of the interval one tail is what the definition says.
func TestProportionTails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		confidence := rapid.SampledFrom([]float64{0.5, 0.9, 0.95, 0.99, 0.999}).Draw(t, "confidence")
		p, err := NewProportion(k, n, confidence)
		if err != nil {
			t.Fatal(err)
		}
		tail := (1 - confidence) / 2
		if above, _ := tails(k, n, p.Low); k > 0 && math.Abs(above/tail-1) > 1e-8 {
			t.Fatalf("%v: P(X ≥ %d | %v) = %v, want %v", p, k, p.Low, above, tail)
		}
		if _, below := tails(k, n, p.High); k < n && math.Abs(below/tail-1) > 1e-8 {
			t.Fatalf("%v: P(X ≤ %d | %v) = %v, want %v", p, k, p.High, below, tail)
		}
		if !(p.Low <= p.Rate() && p.Rate() <= p.High) || (k == 0) != (p.Low == 0) || (k == n) != (p.High == 1) {
			t.Fatalf("%v has rate %v", p, p.Rate())
		}
		mirror, _ := NewProportion(n-k, n, confidence)
		if math.Abs(mirror.Low-(1-p.High)) > 1e-12 || math.Abs(mirror.High-(1-p.Low)) > 1e-12 {
			t.Fatalf("%v mirrored is %v", p, mirror)
		}
	})
}

// The probability that the interval covers the truth, summed over all
// outcomes, is at least the confidence.
func TestProportionCoverage(t *testing.T) {
	for _, n := range []int{1, 2, 10, 33, 100} {
		var all []Proportion
		for k := range n + 1 {
			p, err := NewProportion(k, n, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
		least := 1.0
		for i := 1; i < 400; i++ {
			q, covered := float64(i)/400, 0.0
			for k, p := range all {
				if p.Low <= q && q <= p.High {
					from, _ := tails(k, n, q)
					above, _ := tails(k+1, n, q)
					covered += from - above
				}
			}
			least = math.Min(least, covered)
		}
		if least < 0.95-1e-9 {
			t.Errorf("n = %d: covered with probability %v", n, least)
		}
	}
}

func TestProportionErrors(t *testing.T) {
	for _, c := range []struct {
		k, n       int
		confidence float64
		says       string
	}{
		{-1, 3, 0.95, "-1 successes in 3 trials"},
		{4, 3, 0.95, "4 successes in 3 trials"},
		{0, -1, 0.95, "0 successes in -1 trials"},
		{1, 3, 1, "confidence of 1"},
		{1, 3, -0.1, "confidence of -0.1"},
		{1, 3, math.NaN(), "confidence of NaN"},
	} {
		if _, err := NewProportion(c.k, c.n, c.confidence); !errors.Is(err, lr.ErrValue) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v gives the error %v", c, err)
		}
	}
	p, err := NewProportion(0, 0, 0)
	if err != nil || !math.IsNaN(p.Rate()) || p.Confidence != DefaultConfidence {
		t.Errorf("%v, rate %v, error %v", p, p.Rate(), err)
	}
	if p.String() != "0 of 0 (95 % interval 0–1)" {
		t.Error(p)
	}
}

// Of 33 runs none failed: the true share of failures may still be a tenth.
func ExampleNewProportion() {
	p, err := NewProportion(33, 33, 0.95)
	fmt.Println(p, err)
	// Output: 33 of 33 (95 % interval 0.894–1) <nil>
}

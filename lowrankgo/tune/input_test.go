package tune

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestPart has the rank found from a part, whose columns and rows the rest is
// found from.
func TestPart(t *testing.T) {
	for _, p := range []planted{
		{d1: 300, d2: 80, rank: 3, share: 0.1, size: 10, noise: 0.01, seed: 1},
		{d1: 80, d2: 300, rank: 3, share: 0.1, size: 10, noise: 0.01, seed: 2},
		{d1: 250, d2: 300, rank: 2, share: 0.1, size: 10, missing: 0.2, seed: 3},
	} {
		y, low, _ := p.draw()
		e := estimate(t, y, &RobustPCAOptions{Sample: 100})
		var d mat.Dense
		d.Sub(e.Fit.Dense(), low)
		if rel := mat.Norm(&d, 2) / mat.Norm(low, 2); e.Rank != p.rank || !e.Sure || rel > 0.005 {
			t.Errorf("%+v: rank %d, fit off by %g\n%v", p, e.Rank, rel, e)
		}
		whole := estimate(t, y, nil)
		if math.Abs(e.Alpha-whole.Alpha) > 0.01 || math.Abs(e.Noise-whole.Noise) > 0.05*whole.Noise+1e-9 {
			t.Errorf("%+v: α %g, noise %g from a part; %g, %g from all", p, e.Alpha, e.Noise, whole.Alpha, whole.Noise)
		}
	}
	y := mat.NewDense(50, 40, nil) // nothing observed in the part
	y.Apply(func(i, j int, _ float64) float64 {
		if i == j {
			return 1
		}
		return math.NaN()
	}, y)
	if e := estimate(t, y, &RobustPCAOptions{Sample: 2}); e.Sure {
		t.Errorf("sure of a diagonal:\n%v", e)
	}
}

// TestSameBits holds for any number of threads, for any scale that is a power
// of two, and for data that compute their entries.
func TestSameBits(t *testing.T) {
	y, _, _ := planted{d1: 400, d2: 90, rank: 3, share: 0.1, size: 10, noise: 0.01, missing: 0.1, seed: 4}.draw()
	o := &RobustPCAOptions{Sample: 200, Seed: 7}
	want := estimate(t, y, o)
	for _, n := range []int{1, 2, 7} {
		withThreads(n, func() {
			if e := estimate(t, y, o); !reflect.DeepEqual(e, want) {
				t.Errorf("GOMAXPROCS %d changes the estimate", n)
			}
		})
	}
	if e := estimate(t, slow{y, nil}, o); !reflect.DeepEqual(e, want) {
		t.Error("data read entry by entry change the estimate")
	}
	var big mat.Dense
	big.Scale(0x1p300, y)
	e := estimate(t, &big, o)
	if e.Rank != want.Rank || e.Alpha != want.Alpha || e.Noise != want.Noise*0x1p300 || e.Cap != want.Cap*0x1p300 || e.Next != want.Next*0x1p300 {
		t.Errorf("2³⁰⁰ times the data change more than the scale:\n%v%v", e, want)
	}
	if o.MaxRank != 0 || o.Quantile != 0 {
		t.Error("the options were written to")
	}
}

// slow is a matrix of entries, and calls back at each row.
type slow struct {
	mat.Matrix
	at func(i int)
}

func (s slow) At(i, j int) float64 {
	if j == 0 && s.at != nil {
		s.at(i)
	}
	return s.Matrix.At(i, j)
}

func TestCanceled(t *testing.T) {
	y, _, _ := planted{d1: 60, d2: 40, rank: 2, share: 0.1, size: 10, noise: 0.01}.draw()
	reads := 0
	estimate(t, slow{y, func(int) { reads++ }}, nil)
	why := errors.New("the user left")
	withThreads(1, func() { // reads are counted
		for at := 1; at < reads; at += 97 {
			ctx, cancel := context.WithCancelCause(context.Background())
			n := 0
			_, err := RobustPCA(ctx, slow{y, func(int) {
				if n++; n == at {
					cancel(why)
				}
			}}, nil)
			if !errors.Is(err, lr.ErrCanceled) || !errors.Is(err, why) {
				t.Fatalf("canceled at row %d of %d: %v", at, reads, err)
			}
			if n > at+60 {
				t.Fatalf("%d rows were read after it was canceled", n-at)
			}
		}
	})
}

func TestErrors(t *testing.T) {
	good, inf, none := mat.NewDense(5, 4, nil), mat.NewDense(5, 4, nil), mat.NewDense(5, 4, nil)
	inf.Set(3, 2, math.Inf(-1))
	none.Apply(func(_, _ int, _ float64) float64 { return math.NaN() }, none)
	for name, c := range map[string]struct {
		y    mat.Matrix
		o    RobustPCAOptions
		want error
		says string
	}{
		"nil":            {nil, RobustPCAOptions{}, lr.ErrEmpty, "a matrix is wanted"},
		"empty":          {&mat.Dense{}, RobustPCAOptions{}, lr.ErrEmpty, "0×0"},
		"one row":        {mat.NewDense(1, 9, nil), RobustPCAOptions{}, lr.ErrShape, "1×9"},
		"one column":     {mat.NewDense(9, 1, nil), RobustPCAOptions{}, lr.ErrShape, "9×1"},
		"infinite":       {inf, RobustPCAOptions{}, lr.ErrValue, "row 3, column 2 is -Inf"},
		"unobserved":     {none, RobustPCAOptions{}, lr.ErrEmpty, "all 5×4 entries are NaN"},
		"MaxRank < 0":    {good, RobustPCAOptions{MaxRank: -1}, lr.ErrRank, "MaxRank -1"},
		"MaxRank = d":    {good, RobustPCAOptions{MaxRank: 4}, lr.ErrRank, "MaxRank < min(5, 4) = 4"},
		"Quantile < 0":   {good, RobustPCAOptions{Quantile: -0.1}, lr.ErrValue, "Quantile = -0.1"},
		"Quantile > 1":   {good, RobustPCAOptions{Quantile: 1.1}, lr.ErrValue, "Quantile = 1.1"},
		"Quantile NaN":   {good, RobustPCAOptions{Quantile: math.NaN()}, lr.ErrValue, "Quantile = NaN"},
		"Deviations":     {good, RobustPCAOptions{Deviations: -2}, lr.ErrValue, "Deviations = -2"},
		"Deviations NaN": {good, RobustPCAOptions{Deviations: math.NaN()}, lr.ErrValue, "Deviations = NaN"},
		"Sample":         {good, RobustPCAOptions{Sample: 1}, lr.ErrValue, "Sample 1"},
	} {
		e, err := RobustPCA(context.Background(), c.y, &c.o)
		if e != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "tune: ") {
			t.Errorf("%s: %v, want an error that wraps %q and says %q", name, err, c.want, c.says)
		}
	}
}

// TestPlain has data whose estimates are plain to see.
func TestPlain(t *testing.T) {
	for name, c := range map[string]struct {
		entry func(i, j int) float64
		rank  int
	}{
		"zeros":         {func(_, _ int) float64 { return 0 }, 0},
		"constant":      {func(_, _ int) float64 { return 7 }, 1},
		"one spike":     {func(i, j int) float64 { return 1e3 * float64((i+j)/48) }, 0},
		"spike on ones": {func(i, j int) float64 { return 1 + 1e3*float64((i+j)/48) }, 1},
		"rows":          {func(i, _ int) float64 { return float64(i - 5) }, 1},
		"sum":           {func(i, j int) float64 { return float64(i*i) + float64(j) }, 2},
		"half missing": {func(i, j int) float64 {
			if (i*7+j*3)%5 < 2 {
				return math.NaN()
			}
			return float64(1 + i)
		}, 1},
		"tiny":  {func(i, j int) float64 { return 5e-324 * float64(1+i) }, 1},
		"large": {func(i, j int) float64 { return math.MaxFloat64 / float64(1+i+j%2) }, 1},
	} {
		y := mat.NewDense(30, 20, nil)
		y.Apply(func(i, j int, _ float64) float64 { return c.entry(i, j) }, y)
		e := estimate(t, y, nil)
		if name == "large" {
			c.rank = e.Rank // it needs no panic
		}
		if e.Rank != c.rank {
			t.Errorf("%s: rank %d, want %d\n%v", name, e.Rank, c.rank, e)
		}
		if e.Rank > 0 && (e.Fit == nil || e.Fit.Rank() != e.Rank || len(e.Sigma) != e.Rank) || e.Rank == 0 && e.Fit != nil {
			t.Errorf("%s: rank %d with σ = %v and fit %v", name, e.Rank, e.Sigma, e.Fit)
		}
	}
}

// TestAnything: whatever the data, there is an error or an estimate in its
// ranges.
func TestAnything(t *testing.T) {
	values := []float64{0, 0, 1, 1, -1, 2, 1e-300, 1e300, -1e300, 5e-324, math.MaxFloat64, math.NaN(), math.NaN(), 1e-9, 1e9}
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 40).Draw(t, "d1"), rapid.IntRange(1, 40).Draw(t, "d2")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		kinds := values[:rapid.IntRange(1, len(values)).Draw(t, "kinds")]
		rowwise := rapid.IntRange(0, 2).Draw(t, "by rows, columns or entries")
		y := mat.NewDense(d1, d2, nil)
		picks := make([]float64, max(d1, d2))
		for k := range picks {
			picks[k] = kinds[rng.IntN(len(kinds))]
		}
		y.Apply(func(i, j int, _ float64) float64 {
			switch {
			case rng.Float64() < 0.1:
				return kinds[rng.IntN(len(kinds))]
			case rowwise == 0:
				return picks[i]
			case rowwise == 1:
				return picks[j]
			}
			return kinds[rng.IntN(len(kinds))]
		}, y)
		e, err := RobustPCA(context.Background(), y, &RobustPCAOptions{Sample: rapid.SampledFrom([]int{0, 2, 8}).Draw(t, "sample")})
		if err != nil {
			if !errors.Is(err, lr.ErrEmpty) && !errors.Is(err, lr.ErrShape) && !errors.Is(err, lr.ErrValue) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		if e.Rank < 0 || e.Rank >= min(d1, d2) || !(e.Alpha > 0 && e.Alpha <= 1) || !(e.Share >= 0 && e.Share <= 1) || !(e.AlphaMost >= e.AlphaRows) || e.Sure == (len(e.Reasons) > 0) || e.String() == "" {
			t.Fatalf("out of range: %+v", e)
		}
	})
}

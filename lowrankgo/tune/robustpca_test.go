package tune

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/lowrankgo/lowrank/datasets"
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func estimate(t testing.TB, y mat.Matrix, o *RobustPCAOptions) *RobustPCAEstimate {
	t.Helper()
	e, err := RobustPCA(context.Background(), y, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// lines returns the largest share of the planted outliers in the observed
// entries of the share q of the rows and columns, by sorting nothing: it tries
// every share that occurs.
func lines(wrong [][]bool, y *mat.Dense, q float64) float64 {
	d1, d2 := y.Dims()
	best := 1.0
	shares := [2][]float64{make([]float64, d1), make([]float64, d2)}
	for side, list := range shares {
		for l := range list {
			var n, seen float64
			for o := range []int{d2, d1}[side] {
				i, j := l, o
				if side == 1 {
					i, j = o, l
				}
				if !math.IsNaN(y.At(i, j)) {
					seen++
					if wrong[i][j] {
						n++
					}
				}
			}
			list[l] = n / seen
		}
	}
	for _, list := range shares {
		for _, share := range list {
			fits := true
			for _, other := range shares {
				below := 0
				for _, s := range other {
					if s <= share {
						below++
					}
				}
				fits = fits && float64(below) >= q*float64(len(other))
			}
			if fits {
				best = min(best, share)
			}
		}
	}
	return best
}

// tally counts how estimates did.
type tally struct {
	n, sure, exact, sureWrong int
	alpha, share, most        float64 // errors where the rank is right: two sums and the largest of α's
}

func (c *tally) join(o tally) {
	c.n, c.sure, c.exact, c.sureWrong = c.n+o.n, c.sure+o.sure, c.exact+o.exact, c.sureWrong+o.sureWrong
	c.alpha, c.share, c.most = c.alpha+o.alpha, c.share+o.share, max(c.most, o.most)
}

func (c *tally) add(t testing.TB, p planted) {
	y, _, wrong := p.draw()
	e := estimate(t, y, nil)
	c.n++
	right := e.Rank == p.rank
	if e.Sure {
		c.sure++
		if !right {
			c.sureWrong++
			t.Errorf("%+v: sure of rank %d", p, e.Rank)
		}
	}
	if right {
		c.exact++
		off := math.Abs(e.Alpha - max(lines(wrong, y, e.Quantile), 1/float64(min(p.d1, p.d2))))
		c.alpha += off
		c.most = max(c.most, off)
		c.share += math.Abs(e.Share - p.share)
	}
}

func (c *tally) String() string {
	n := float64(max(1, c.exact))
	return fmt.Sprintf("rank right in %d of %d, sure in %d (wrong: %d); α off by %.4f, at most %.4f; share by %.4f", c.exact, c.n, c.sure, c.sureWrong, c.alpha/n, c.most, c.share/n)
}

// grid runs over factors with normal entries and outliers of 3 and 10 times the
// mean entry, and reports how well ranks and shares were found.
func grid(t testing.TB, d int) (all tally) {
	for _, rank := range []int{1, 2, 3, 5, 8} {
		for _, noise := range []float64{0, 0.01} {
			for _, missing := range []float64{0, 0.3} {
				var c tally
				for at, share := range []float64{0.02, 0.05, 0.1, 0.2} {
					if missing > 0 && share == 0.2 && rank > 5 && d < 100 {
						continue // too few entries: see TestTooLittle
					}
					c.add(t, planted{d1: d, d2: d + d/3, rank: rank, share: share, size: float64(3 + 7*(at%2)), noise: noise, missing: missing, seed: uint64(at)})
				}
				t.Logf("d %d, rank %d, noise %g, missing %g: %v", d, rank, noise, missing, &c)
				all.join(c)
			}
		}
	}
	t.Logf("d %d: %v", d, &all)
	return all
}

func TestGrid(t *testing.T) {
	for _, d := range []int{60, 120} {
		all := grid(t, d)
		if all.exact < all.n*98/100 {
			t.Errorf("d %d: the rank is right in %d of %d cases, want 98 %%", d, all.exact, all.n)
		}
		if all.sure < all.n*95/100 {
			t.Errorf("d %d: sure in %d of %d cases, want 95 %%", d, all.sure, all.n)
		}
		if mean := all.alpha / float64(all.exact); mean > 0.01 {
			t.Errorf("d %d: α is off by %g on average, want at most 0.01", d, mean)
		}
		if mean := all.share / float64(all.exact); mean > 0.005 {
			t.Errorf("d %d: the share of outliers is off by %g on average, want at most 0.005", d, mean)
		}
	}
}

// TestTooLittle: where the entries do not carry the answer, the estimate may be
// wrong, and is not sure.
func TestTooLittle(t *testing.T) {
	for name, p := range map[string]planted{
		"few entries":        {d1: 60, d2: 60, rank: 8, share: 0.2, size: 10, missing: 0.3},
		"few entries, noise": {d1: 60, d2: 60, rank: 8, share: 0.2, size: 10, missing: 0.3, noise: 0.1},
		"half wrong":         {d1: 80, d2: 60, rank: 2, share: 0.5, size: 10},
		"most missing":       {d1: 60, d2: 60, rank: 3, share: 0.02, size: 10, missing: 0.9},
		"tiny":               {d1: 6, d2: 5, rank: 1, size: 10},
		"full rank":          {d1: 40, d2: 40, rank: 40, noise: 0.01},
		"noise alone":        {d1: 60, d2: 50, noise: 1},
	} {
		for p.seed = range 5 {
			y, _, _ := p.draw()
			if e := estimate(t, y, nil); e.Sure || len(e.Reasons) == 0 || !strings.Contains(e.String(), "not sure: "+e.Reasons[0]) {
				t.Errorf("%s, seed %d: sure, or it does not say why not:\n%v", name, p.seed, e)
			}
		}
	}
}

// TestKinds has data of other kinds: what they are must be seen through.
func TestKinds(t *testing.T) {
	for name, c := range map[string]struct {
		planted
		change func(j int, v float64) float64
		rank   int
	}{
		"outliers of one sign":   {planted: planted{d1: 90, d2: 70, rank: 3, share: 0.15, size: 10, noise: 0.01, oneSided: true}, rank: 3},
		"a mean of 100":          {planted: planted{d1: 90, d2: 70, rank: 3, share: 0.1, size: 10, noise: 0.01}, rank: 4, change: func(_ int, v float64) float64 { return v + 100 }},
		"whole numbers":          {planted: planted{d1: 90, d2: 70, rank: 3, share: 0.1, size: 10}, rank: 3, change: func(_ int, v float64) float64 { return math.Round(30 * v) }},
		"gross errors":           {planted: planted{d1: 90, d2: 70, rank: 2, share: 0.1, size: 1e9, noise: 0.01}, rank: 2},
		"unequal columns":        {planted: planted{d1: 90, d2: 70, rank: 3, share: 0.1, size: 10}, rank: 3, change: func(j int, v float64) float64 { return v * (1 + float64(j%5)) }},
		"a column never seen":    {planted: planted{d1: 90, d2: 70, rank: 3, share: 0.1, size: 10}, rank: 3, change: notTheFirst},
		"no outliers, no noise":  {planted: planted{d1: 90, d2: 70, rank: 3}, rank: 3},
		"no outliers, but noise": {planted: planted{d1: 90, d2: 70, rank: 3, noise: 0.1}, rank: 3},
	} {
		for c.seed = range 3 {
			y, _, _ := c.draw()
			if c.change != nil {
				y.Apply(func(_, j int, v float64) float64 { return c.change(j, v) }, y)
			}
			e := estimate(t, y, nil)
			if e.Rank != c.rank {
				t.Errorf("%s, seed %d: rank %d, want %d\n%v", name, c.seed, e.Rank, c.rank, e)
			}
			if name == "a column never seen" == e.Sure {
				t.Errorf("%s, seed %d: sure is %v\n%v", name, c.seed, e.Sure, e)
			}
		}
	}
}

func notTheFirst(j int, v float64) float64 {
	if j == 0 {
		return math.NaN()
	}
	return v
}

// TestNumbers checks the numbers that belong to a known answer.
func TestNumbers(t *testing.T) {
	p := planted{d1: 150, d2: 120, rank: 3, share: 0.1, size: 10, noise: 0.01, seed: 4}
	y, low, wrong := p.draw()
	e := estimate(t, y, &RobustPCAOptions{Quantile: 1})
	var svd mat.SVD
	svd.Factorize(low, mat.SVDThin)
	sigma := svd.Values(nil)
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	mu := 0.0
	for _, side := range []*mat.Dense{&u, &v} {
		d, _ := side.Dims()
		for i := range d {
			row := side.RawRowView(i)[:3]
			mu = max(mu, float64(d)/3*(row[0]*row[0]+row[1]*row[1]+row[2]*row[2]))
		}
	}
	near := func(name string, got, want, rel float64) {
		if math.Abs(got-want) > rel*want {
			t.Errorf("%s is %.6g, want %.6g to %g", name, got, want, rel)
		}
	}
	for k, s := range e.Sigma {
		near(fmt.Sprintf("σ%d", k+1), s, sigma[k], 0.01)
	}
	near("μ", e.Incoherence, mu, 0.02)
	near("κ", e.Condition, sigma[0]/sigma[2], 0.01)
	near("the cap", e.Cap, 2*mu*3*sigma[0]/math.Sqrt(150*120), 0.03)
	near("the noise", e.Noise, 0.01*math.Sqrt(3), 0.05)
	near("the threshold", e.Threshold, 5*e.Noise, 1e-12)
	near("α", e.Alpha, lines(wrong, y, 1), 0.05)
	near("the most in a line", e.AlphaMost, e.Alpha, 0)
	near("the share", e.Share, 0.1, 0.05)
	if e.Observed != 150*120 || e.D1 != 150 || e.D2 != 120 || e.Whiteness > 1.2 || e.Gap < 50 {
		t.Errorf("odd numbers: %+v", e)
	}
	if d := lr.SqErr(e.Fit, &lr.Factors{U: scaled(&u, sigma[:3]), V: mat.DenseCopyOf(v.Slice(0, 120, 0, 3))}); math.Sqrt(d) > 0.01*sigma[0] {
		t.Errorf("the fit is off by %g of %g", math.Sqrt(d), sigma[0])
	}
	if err := (lr.SparseSet{Alpha: e.Alpha, Cap: e.Cap}).Check(150, 120); err != nil {
		t.Errorf("a problem does not take the estimate: %v", err)
	}
}

func scaled(u *mat.Dense, sigma []float64) *mat.Dense {
	d, _ := u.Dims()
	s := mat.NewDense(d, len(sigma), nil)
	s.Apply(func(i, k int, _ float64) float64 { return u.At(i, k) * sigma[k] }, s)
	return s
}

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

// TestFilm is the real thing: people who walk through a street. The camera
// stands still, so the background is of rank 1 but for the light; the people
// fill some 6 % of the frames, more of the pixels on their way.
func TestFilm(t *testing.T) {
	d, err := datasets.Load("vtest")
	if err != nil {
		t.Fatal(err)
	}
	y, err := d.Matrix()
	if err != nil {
		t.Fatal(err)
	}
	e := estimate(t, y, &RobustPCAOptions{MaxRank: 6})
	t.Logf("\n%v", e)
	if e.Rank < 1 || e.Rank > 3 {
		t.Errorf("the background is of rank %d, want 1 to 3", e.Rank)
	}
	if !(e.Share > 0.03 && e.Share < 0.1) || !(e.AlphaCols > 0.05 && e.AlphaCols < 0.15) || !(e.AlphaRows > 0.2 && e.AlphaRows < 0.45) {
		t.Errorf("people are %g of all, %g of a frame, %g of a pixel's time", e.Share, e.AlphaCols, e.AlphaRows)
	}
	if !(e.Noise > 0.5 && e.Noise < 3) {
		t.Errorf("the camera's noise is %g grey levels", e.Noise)
	}
	if e.Sure || !strings.Contains(e.String(), "largest gap") {
		t.Error("a film has no edge in its singular values, yet the estimate is sure")
	}
}

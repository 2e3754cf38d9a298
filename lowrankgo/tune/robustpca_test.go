package tune

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lowrankgo/lowrank/datasets"
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
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

// TestProblem takes an estimate to a problem. The planted S* has at most its
// share in each row and column, and exactly that in most: α is that share.
func TestProblem(t *testing.T) {
	for _, share := range []float64{0.05, 0.1, 0.2} {
		p, err := problem.RandomRobustPCA{D1: 200, D2: 160, Rank: 4, Alpha: share, Seed: 2, Noise: 0.01, Observed: 0.8}.New()
		if err != nil {
			t.Fatal(err)
		}
		data := p.Split().Data
		e := estimate(t, data, nil)
		if !e.Sure || e.Rank != 4 || math.Abs(e.Alpha-share) > 0.005 {
			t.Errorf("share %g:\n%v", share, e)
		}
		q, err := problem.RobustPCA{Data: data, Rank: e.Rank, Alpha: e.Alpha, Cap: e.Cap}.New()
		if err != nil {
			t.Fatal(err)
		}
		truth, _ := lr.TruthOf(p)
		if rel := lr.RelErr(e.Fit, truth); rel > 0.005 {
			t.Errorf("share %g: the fit is off by %g", share, rel)
		}
		loss := q.NewEval().Grad(nil, e.Fit)
		if most := float64(e.Observed) * e.Noise * e.Noise / 2; !(loss < most) {
			t.Errorf("share %g: f(Fit) = %g, want at most %g, all of the noise", share, loss, most)
		}
	}
}

// TestCrowd: nearly half of the pixels of written digits are 0. Fits of larger
// ranks follow these alone and leave all else out; such a one is no fit.
func TestCrowd(t *testing.T) {
	d, err := datasets.Load("digits")
	if err != nil {
		t.Fatal(err)
	}
	y, err := d.Matrix()
	if err != nil {
		t.Fatal(err)
	}
	e := estimate(t, y, &RobustPCAOptions{MaxRank: 40, Sample: 300})
	t.Logf("\n%v", e)
	if e.Sure || e.found || e.tried >= 40 || len(e.Gaps) != e.tried {
		t.Errorf("rank %d of %d tried, %d gaps, ended by the data: %v, sure: %v", e.Rank, e.tried, len(e.Gaps), e.found, e.Sure)
	}
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

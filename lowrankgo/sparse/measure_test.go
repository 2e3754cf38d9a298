package sparse

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

func TestGainAndDistance(t *testing.T) {
	const seed = 21
	rng := rand.New(rand.NewPCG(seed, 1))
	for name, x := range matrices(rng, 13, 17) {
		if name == "huge" {
			continue
		}
		s := project(t, x, lr.SparseSet{Alpha: .3, Cap: 1.2}, Threshold)
		var whole, left float64
		for i := range 13 {
			for j := range 17 {
				if v := x.At(i, j); !math.IsNaN(v) {
					whole += v * v
					left += (v - s.At(i, j)) * (v - s.At(i, j))
				}
			}
		}
		if got, want := Gain(x, s), whole-left; math.Abs(got-want) > 1e-12*whole {
			t.Errorf("%s (seed %d): gain %v, entry by entry %v", name, seed, got, want)
		}
		if got, want := Distance(x, s), math.Sqrt(left); math.Abs(got-want) > 1e-12*math.Sqrt(whole) && name != "tiny" {
			t.Errorf("%s (seed %d): distance %v, entry by entry %v", name, seed, got, want)
		}
	}
}

func TestDistanceDoesNotOverflow(t *testing.T) {
	x := mat.NewDense(2, 2, []float64{3e300, math.NaN(), 0, 4e300})
	s, err := lr.NewSparse(2, 2, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := Distance(x, s); math.Abs(got-5e300) > 1e286 {
		t.Errorf("distance %v, want 5e300", got)
	}
}

func TestShapesPanic(t *testing.T) {
	s := &lr.Sparse{D1: 2, D2: 2, RowFrom: []int{0, 0, 0}}
	for name, f := range map[string]func(mat.Matrix, *lr.Sparse) float64{"gain": Gain, "distance": Distance} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "sparse: a 2×3 matrix") {
					t.Errorf("%s: panic %q", name, text)
				}
			}()
			f(mat.NewDense(2, 3, nil), s)
		}()
	}
}

func TestCapOf(t *testing.T) {
	if c, err := CapOf(2, 3, 10, 4, 25); err != nil || math.Abs(c-12) > 1e-14*12 {
		t.Errorf("cap %v, %v; want 2·2·3·10/√100 = 12", c, err)
	}
	if c, err := CapOf(1, 1, 1e300, 100, 100); err != nil || math.Abs(c/2e298-1) > 1e-14 {
		t.Errorf("symmetric cap %v, %v; want 2e298", c, err)
	}
	for name, c := range map[string]struct {
		mu, sigma float64
		r, d1, d2 int
		want      error
	}{
		"shape":     {1, 1, 1, 0, 3, lr.ErrShape},
		"rank":      {1, 1, 4, 5, 3, lr.ErrRank},
		"rank 0":    {1, 1, 0, 5, 3, lr.ErrRank},
		"mu":        {.5, 1, 1, 5, 3, lr.ErrValue},
		"mu NaN":    {math.NaN(), 1, 1, 5, 3, lr.ErrValue},
		"sigma 0":   {1, 0, 1, 5, 3, lr.ErrValue},
		"sigma Inf": {1, math.Inf(1), 1, 5, 3, lr.ErrValue},
	} {
		if _, err := CapOf(c.mu, c.r, c.sigma, c.d1, c.d2); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want one that is %q", name, err, c.want)
		}
	}
}

// TestCapBoundsLowRank: no entry of a matrix exceeds half the cap, which is
// what makes the bound no loss of generality.
func TestCapBoundsLowRank(t *testing.T) {
	const d1, d2, r, seed = 30, 20, 3, 22
	rng := lr.Stream(seed, "cap")
	var m mat.Dense
	m.Mul(lr.NormalMatrix(rng, d1, r), lr.NormalMatrix(rng, r, d2))
	var svd mat.SVD
	if !svd.Factorize(&m, mat.SVDThin) {
		t.Fatal("no SVD")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	mu := 0.0
	for _, side := range []struct {
		m *mat.Dense
		d int
	}{{&u, d1}, {&v, d2}} {
		for i := range side.d {
			row := mat.NewVecDense(r, side.m.RawRowView(i)[:r])
			mu = math.Max(mu, mat.Dot(row, row)*float64(side.d)/r)
		}
	}
	c, err := CapOf(mu, r, svd.Values(nil)[0], d1, d2)
	if err != nil {
		t.Fatal(err)
	}
	if _, n, err := Truncate(&m, c/2); err != nil || n != 0 {
		t.Errorf("seed %d: %d entries of a low-rank matrix exceed half the cap %v (%v)", seed, n, c, err)
	}
}

func TestTruncate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := mat.NewDense(2, 3, []float64{-5, nan, 2, inf, -2.5, math.Inf(-1)})
	y, n, err := Truncate(x, 2.5)
	if err != nil || n != 3 {
		t.Fatalf("%d entries clipped, %v; want 3", n, err)
	}
	if got, want := y.RawMatrix().Data, []float64{-2.5, nan, 2, 2.5, -2.5, -2.5}; !slices.EqualFunc(got, want, func(a, b float64) bool { return a == b || (a != a && b != b) }) {
		t.Errorf("clipped %v, want %v", got, want)
	}
	if x.At(0, 0) != -5 {
		t.Error("x was written to")
	}
	if _, n, err := Truncate(x, inf); n != 0 || err != nil {
		t.Errorf("no limit clips %d entries, %v", n, err)
	}
	for _, limit := range []float64{0, -1, nan} {
		if _, _, err := Truncate(x, limit); !errors.Is(err, lr.ErrValue) {
			t.Errorf("limit %v: error %v", limit, err)
		}
	}
	if _, _, err := Truncate(nil, 1); !errors.Is(err, lr.ErrEmpty) {
		t.Errorf("nil matrix: error %v", err)
	}
}

// TestTruncateFits: with the limit Cap/2 the sparse part obeys the cap, so that
// nothing is left of a gross outlier; without it much is.
func TestTruncateFits(t *testing.T) {
	m := mat.NewDense(10, 10, filled(100, 1)) // rank 1, μ = 1, σ1 = 10
	c, err := CapOf(1, 1, 10, 10, 10)
	if err != nil {
		t.Fatal(err)
	}
	data := mat.DenseCopyOf(m)
	data.Set(3, 4, -1e6)
	short, _, err := Truncate(data, c/2)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []*mat.Dense{data, short} {
		var left mat.Dense
		left.Sub(x, m)
		s := project(t, &left, lr.SparseSet{Alpha: .1, Cap: c}, Exact)
		if d := Distance(&left, s); (d < 1e-12) != (x == short) {
			t.Errorf("what is left of an outlier is %v, truncated: %v", d, x == short)
		}
	}
}

func TestProjectBlocks(t *testing.T) {
	const seed = 23
	rng := rand.New(rand.NewPCG(seed, 1))
	set := lr.SparseSet{Alpha: .25, Cap: 2}
	widths := []int{8, 5, 12}
	for name, x := range matrices(rng, 12, 25) {
		for _, rule := range rules {
			s, err := ProjectBlocks(context.Background(), x, set, widths, rule)
			if err != nil {
				t.Fatal(err)
			}
			checkMember(t, x, s, set) // of the whole matrix
			from := 0
			for _, w := range widths {
				part := mat.DenseCopyOf(x.Slice(0, 12, from, from+w))
				want := project(t, part, set, rule)
				var got mat.Dense
				got.CloneFrom(s.Dense().Slice(0, 12, from, from+w))
				if !mat.Equal(&got, want) {
					t.Errorf("%s, %v (seed %d): columns from %d are not the projection of their block", name, rule, seed, from)
				}
				from += w
			}
		}
	}
}

// TestBlocksAreAnotherSet: outliers of a row that are all in one block are in
// the set of the whole matrix, but not in that of the block.
func TestBlocksAreAnotherSet(t *testing.T) {
	x := mat.NewDense(4, 8, nil)
	x.Set(2, 0, 5)
	x.Set(2, 1, -4)
	set := lr.SparseSet{Alpha: .25} // 2 in a row of 8, 1 in a row of 4
	whole := project(t, x, set, Exact)
	parts, err := ProjectBlocks(context.Background(), x, set, []int{4, 4}, Exact)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := Gain(x, whole), Gain(x, parts); a != 41 || b != 25 {
		t.Errorf("gains %v whole and %v by blocks, want 41 and 25", a, b)
	}
}

func TestProjectBlocksErrors(t *testing.T) {
	x := mat.NewDense(4, 8, nil)
	for name, c := range map[string]struct {
		widths []int
		want   error
	}{
		"none":       {nil, lr.ErrShape},
		"too few":    {[]int{4, 3}, lr.ErrShape},
		"zero":       {[]int{8, 0}, lr.ErrShape},
		"negative":   {[]int{9, -1}, lr.ErrShape},
		"too narrow": {[]int{5, 3}, lr.ErrValue},
	} {
		if _, err := ProjectBlocks(context.Background(), x, lr.SparseSet{Alpha: .25}, c.widths, Greedy); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want one that is %q", name, err, c.want)
		}
	}
	if _, err := ProjectBlocks(context.Background(), nil, lr.SparseSet{Alpha: .25}, []int{1}, Greedy); !errors.Is(err, lr.ErrEmpty) {
		t.Errorf("nil matrix: error %v", err)
	}
}

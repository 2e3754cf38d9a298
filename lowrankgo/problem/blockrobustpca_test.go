package problem_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

func drawn(t testing.TB, c problem.RandomRobustPCA) *problem.Split {
	t.Helper()
	p, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The value and S are those of the blocks by their own, whatever form the data
// have.
func TestBlockRobustPCA(t *testing.T) {
	whole := drawn(t, problem.RandomRobustPCA{D1: 14, D2: 11, Rank: 3, Alpha: 0.3, Observed: 0.9, Seed: 1})
	data := whole.Split().Data.(*mat.Dense)
	seen, err := operator.NewObserved(data)
	if err != nil {
		t.Fatal(err)
	}
	widths := []int{5, 2, 4}
	for name, c := range map[string]problem.BlockRobustPCA{
		"dense":    {Data: data},
		"computed": {Data: computed{data}},
		"listed":   {Mask: seen.Mask, Values: seen.Values},
	} {
		t.Run(name, func(t *testing.T) {
			c.Widths, c.Rank, c.Alpha, c.Truth, c.TruthSparse = widths, 2, 0.5, whole.Truth(), whole.Split().Truth
			p, err := c.New()
			if err != nil {
				t.Fatal(err)
			}
			lowranktest.TestProblem(t, p)
			x := randomPoint(p, 5, "point")
			e, _ := lr.SparsePartOf(p)
			s, from, want := e.SparsePart(x), 0, 0.0
			if parts, ok := lr.PartsOf(p); !ok || len(parts) != 3 {
				t.Fatalf("%d parts", len(parts))
			}
			for _, m := range widths {
				n := &naiveSplit{data: mat.DenseCopyOf(data.Slice(0, 14, from, from+m)), set: lr.SparseSet{Alpha: 0.5}}
				want += n.at(&lr.Factors{U: x.U, V: mat.DenseCopyOf(x.V.Slice(from, from+m, 0, 2))})
				near(t, "S of a block", 1e-12, s.Dense().Slice(0, 14, from, from+m).(*mat.Dense), n.s)
				from += m
			}
			near(t, "value", 1e-12, scalar(e.Grad(nil, x)), scalar(want))
			if full := e.Overfull(x); full > 1 || full < 0 {
				t.Errorf("Overfull is %g", full)
			}
			if !mat.Equal(p.Truth(), whole.Truth()) {
				t.Error("the truth is not that of the whole")
			}
		})
	}
}

// A block may have fewer columns than the rank.
func TestNarrowBlocks(t *testing.T) {
	whole := drawn(t, problem.RandomRobustPCA{D1: 10, D2: 8, Rank: 3, Alpha: 0.2, Seed: 2})
	p, err := problem.BlockRobustPCA{Data: whole.Split().Data, Widths: []int{6, 2}, Rank: 3, Alpha: 0.5, Truth: whole.Truth()}.New()
	if err != nil {
		t.Fatal(err)
	}
	g := lr.NewPoint(p)
	if v := p.NewEval().Grad(g, whole.Truth()); v > 1e-20 || g.Norm() > 1e-9 {
		t.Errorf("at the truth the value is %g and the gradient %g; want 0", v, g.Norm())
	}
}

// One block is RobustPCA; several are not, since rows have room in each.
func TestBlocksAreAnotherProblem(t *testing.T) {
	whole := drawn(t, problem.RandomRobustPCA{D1: 10, D2: 12, Rank: 2, Alpha: 0.25, Seed: 3})
	x := randomPoint(whole, 1, "point")
	value := func(widths ...int) (float64, int) {
		p, err := problem.BlockRobustPCA{Data: whole.Split().Data, Widths: widths, Rank: 2, Alpha: 0.25}.New()
		if err != nil {
			t.Fatal(err)
		}
		e, _ := lr.SparsePartOf(p)
		rows, _ := e.SparsePart(x).Counts()
		most := 0
		for _, n := range rows {
			most = max(most, n)
		}
		return e.Grad(nil, x), most
	}
	one, _ := value(12)
	near(t, "one block", 1e-13, scalar(one), scalar(whole.NewEval().Grad(nil, x)))
	if three, _ := value(4, 4, 4); math.Abs(three-one) < 1e-3 {
		t.Errorf("three blocks have the value %g of one", three)
	}
}

func TestBlockRobustPCAInput(t *testing.T) {
	data := mat.NewDense(4, 6, nil)
	hole := mat.NewDense(4, 6, nil)
	hole.Set(2, 5, math.Inf(1))
	mask, _, err := operator.NewMask(4, 6, []int{1}, []int{1})
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]problem.BlockRobustPCA{
		"no Data":                      {Widths: []int{6}, Rank: 1, Alpha: 0.5},
		"Data and also a Mask":         {Data: data, Mask: mask, Widths: []int{6}, Rank: 1, Alpha: 0.5},
		"0 values for 1 measurements":  {Mask: mask, Widths: []int{6}, Rank: 1, Alpha: 0.5},
		"5 columns together":           {Data: data, Widths: []int{2, 3}, Rank: 1, Alpha: 0.5},
		"0 Widths":                     {Data: data, Rank: 1, Alpha: 0.5},
		"block 1 of BlockRobustPCA ha": {Data: data, Widths: []int{7, -1}, Rank: 1, Alpha: 0.5},
		"rank 5":                       {Data: data, Widths: []int{3, 3}, Rank: 5, Alpha: 0.5},
		"columns 4 … 5":                {Data: hole, Widths: []int{4, 2}, Rank: 1, Alpha: 0.5},
		"columns 5 … 5":                {Data: data, Widths: []int{5, 1}, Rank: 1, Alpha: 0.5},
		"the truth is":                 {Data: data, Widths: []int{6}, Rank: 1, Alpha: 0.5, Truth: lr.NewFactors(4, 5, 1)},
		"TruthSparse is":               {Data: data, Widths: []int{6}, Rank: 1, Alpha: 0.5, TruthSparse: &lr.Sparse{D1: 4, D2: 5, RowFrom: make([]int, 5)}},
	} {
		p, err := c.New()
		if err == nil {
			t.Errorf("%q: no error, but %v", want, p)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want one with %q", err, want)
		}
		if !errors.Is(err, lr.ErrShape) && !errors.Is(err, lr.ErrRank) && !errors.Is(err, lr.ErrValue) && !errors.Is(err, lr.ErrEmpty) {
			t.Errorf("%q wraps no sentinel", err)
		}
	}
}

package sparse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

func TestBadInput(t *testing.T) {
	ctx := context.Background()
	ok := mat.NewDense(4, 5, nil)
	var none *mat.Dense
	half := lr.SparseSet{Alpha: .5}
	withInf := func(i, j int, v float64) *mat.Dense {
		x := mat.NewDense(4, 5, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2})
		x.Set(i, j, v)
		return x
	}
	for name, c := range map[string]struct {
		x    mat.Matrix
		set  lr.SparseSet
		rule Rule
		want error
		says string
	}{
		"nil":         {nil, half, Threshold, lr.ErrEmpty, "nil matrix"},
		"nil Dense":   {none, half, Threshold, lr.ErrEmpty, "empty matrix"},
		"empty":       {&mat.Dense{}, half, Exact, lr.ErrEmpty, "empty matrix"},
		"no rule":     {ok, half, 3, lr.ErrValue, "rule 3"},
		"a rule < 0":  {ok, half, -1, lr.ErrValue, "rule -1"},
		"alpha·d < 1": {ok, lr.SparseSet{Alpha: .2}, Exact, lr.ErrValue, "Gamma·Alpha ≥ 0.25"},
		"alpha 0":     {ok, lr.SparseSet{}, Exact, lr.ErrValue, "Alpha = 0"},
		"alpha 1":     {ok, lr.SparseSet{Alpha: 1}, Exact, lr.ErrValue, "every matrix is in it"},
		"alpha NaN":   {ok, lr.SparseSet{Alpha: math.NaN()}, Greedy, lr.ErrValue, "Alpha = NaN"},
		"cap < 0":     {ok, lr.SparseSet{Alpha: .5, Cap: -1}, Greedy, lr.ErrValue, "Cap = -1"},
		"Inf":         {withInf(2, 3, math.Inf(1)), half, Threshold, lr.ErrValue, "entry (2, 3) is +Inf"},
		"-Inf":        {withInf(0, 0, math.Inf(-1)), half, Greedy, lr.ErrValue, "entry (0, 0) is -Inf"},
		"Inf, exact":  {withInf(3, 4, math.Inf(1)), half, Exact, lr.ErrValue, "entry (3, 4) is +Inf"},
		"all Inf":     {mat.NewDense(4, 5, filled(20, math.Inf(1))), half, Threshold, lr.ErrValue, "entry (0, 0) is +Inf"},
	} {
		s, err := Project(ctx, c.x, c.set, c.rule)
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) || s != nil {
			t.Errorf("%s: S %v, error %v; want %q in an error that is %q", name, s, err, c.says, c.want)
		}
	}
	if _, err := NewProjector(0, 3, half, Exact); !errors.Is(err, lr.ErrShape) {
		t.Errorf("a projector of 0×3: %v", err)
	}
	p, err := NewProjector(3, 4, half, Exact)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Project(ctx, new(lr.Sparse), ok); !errors.Is(err, lr.ErrShape) {
		t.Errorf("4×5 given to a projector of 3×4: %v", err)
	}
}

func filled(n int, v float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

// TestInfWhereNothingIsKept: a line so short of observations that it may keep
// nothing still reports an infinite entry.
func TestInfWhereNothingIsKept(t *testing.T) {
	x := mat.NewDense(10, 10, filled(100, 1))
	for j := 1; j < 10; j++ {
		x.Set(4, j, math.NaN())
	}
	x.Set(4, 0, math.Inf(1))
	for _, rule := range rules {
		if _, err := Project(context.Background(), x, lr.SparseSet{Alpha: .2}, rule); !errors.Is(err, lr.ErrValue) {
			t.Errorf("%v: error %v", rule, err)
		}
	}
}

// ending is a context that ends by itself when it has been asked often.
type ending struct {
	context.Context
	left *int
}

func (e ending) Err() error {
	if *e.left--; *e.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestStops(t *testing.T) {
	x := mat.NewDense(50, 50, nil)
	x.Apply(func(i, j int, _ float64) float64 { return math.Sin(float64(i*50 + j)) }, x)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for _, rule := range rules {
		if _, err := Project(gone, x, lr.SparseSet{Alpha: .1}, rule); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: error %v of a context that has ended", rule, err)
		}
		left := 1
		_, err := Project(ending{context.Background(), &left}, x, lr.SparseSet{Alpha: .1}, rule)
		if err == nil || !strings.Contains(err.Error(), "stopped") {
			t.Errorf("%v: error %v of a context that ends soon", rule, err)
		}
	}
	if _, err := ProjectBlocks(gone, x, lr.SparseSet{Alpha: .1}, []int{25, 25}, Exact); !errors.Is(err, context.Canceled) {
		t.Errorf("blocks: error %v of a context that has ended", err)
	}
}

// TestExactAsksOften: Exact asks its context before each row.
func TestExactAsksOften(t *testing.T) {
	x := lr.NormalMatrix(lr.Stream(1, "stops"), 40, 40)
	for left, stops := range map[int]bool{35: true, 100: false} {
		_, err := Project(ending{context.Background(), &left}, x, lr.SparseSet{Alpha: .2}, Exact)
		if (err != nil) != stops {
			t.Errorf("error %v of a context that ends soon: %v", err, stops)
		}
	}
}

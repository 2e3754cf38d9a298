package solver

import (
	"fmt"
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// splitOf returns the parts of a robust PCA problem for a method that reads its
// data row by row, with Data not nil. A problem that has no such parts, lists
// its observed entries, or is symmetric is an error.
func splitOf(method string, p lr.Problem) (*lr.Split, error) {
	split, ok := lr.SplitOf(p)
	switch {
	case !ok:
		return nil, fmt.Errorf("solver: %s needs %v, as problem.RobustPCA has: %w", method, lr.AbilitySplit, lr.ErrAbility)
	case split.Data == nil:
		return nil, fmt.Errorf("solver: %s reads the data by rows and columns, and this problem lists its observed entries instead (%v); give problem.RobustPCA its Data, a matrix with NaN where entries are missing, or use a gradient method: %w",
			method, lr.AbilitySplit, lr.ErrAbility)
	case lr.SymmetricOf(p):
		return nil, fmt.Errorf("solver: %s finds two factors, and the problem is symmetric, M = UUᵀ (%v); state it with M = UVᵀ, or use GD, LBFGS or ScaledGD: %w",
			method, lr.AbilitySplit, lr.ErrAbility)
	}
	return split, nil
}

// observed is what one pass over data shows: how many entries are not NaN, the
// sum of their squares, and its root.
type observed struct {
	count     int
	sum, norm float64
}

// observe reads all data once. Data whose squares leave the range of float64,
// without being all 0, are an error that names the method.
func observe(method string, data mat.Matrix) (observed, error) {
	d1, d2 := data.Dims()
	blocks := par.Blocks(d1, 32, 64)
	counts, sums := make([]int, blocks), make([]float64, blocks)
	par.New(func(b int) {
		lo, hi := par.Bounds(d1, blocks, b)
		buf := make([]float64, d2)
		for i := lo; i < hi; i++ {
			sum, count := sumSquares(tiles.Row(data, buf, i, 0, d2))
			sums[b] += sum
			counts[b] += count
		}
	}).Run(blocks)
	var o observed
	for b := range blocks {
		o.count += counts[b]
		o.sum += sums[b]
	}
	o.norm = math.Sqrt(o.sum)
	if o.sum >= 1e-280 && o.sum <= 1e280 {
		return o, nil
	}
	if top := largest(data); top > 1e140 || (top > 0 && top < 1e-140) {
		return o, fmt.Errorf("solver: %s: the largest entry of the data is %g in size; between 1e-140 and 1e140 is wanted, so that squares can be summed; give the data in other units: %w", method, top, lr.ErrValue)
	}
	return o, nil
}

// sumSquares is Σ d² over entries that are not NaN, and how many they are.
func sumSquares(d []float64) (sum float64, count int) {
	if sum = loops.Dot(d, d); sum == sum {
		return sum, len(d)
	}
	sum = 0
	for _, v := range d {
		if v == v {
			sum += float64(v * v)
			count++
		}
	}
	return sum, count
}

// largest is the size of the largest entry that is observed.
func largest(data mat.Matrix) float64 {
	d1, d2 := data.Dims()
	buf, top := make([]float64, d2), 0.0
	for i := range d1 {
		for _, v := range tiles.Row(data, buf, i, 0, d2) {
			if v == v {
				top = max(top, math.Abs(v))
			}
		}
	}
	return top
}

// residual is ‖M + S − Data‖F/‖Data‖F for the sum of the squares of what is
// left of the observed entries; of data that are all 0 it is 0 when nothing is
// left, and 1 otherwise.
func (o observed) residual(sum float64) float64 {
	switch {
	case sum == 0:
		return 0
	case o.norm == 0:
		return 1
	}
	return math.Sqrt(sum) / o.norm
}

// grossFrom is from which size on entries of data − x are gross errors as far as
// a sample of them shows, of at most 160 rows and 160 columns at equal distances.
// All but the set's share of them are taken to be right, the smallest: six
// times the median of those or, if that is more, the largest of them. It is 0
// where the sample has no observed entry.
func grossFrom(data mat.Matrix, x *lr.Factors, set lr.SparseSet) float64 {
	const lines = 160
	d1, d2 := data.Dims()
	n1, n2 := min(d1, lines), min(d2, lines)
	sizes := make([]float64, 0, n1*n2)
	for a := range n1 {
		for b := range n2 {
			i, j := a*d1/n1, b*d2/n2
			if e := math.Abs(data.At(i, j) - x.At(i, j)); e == e {
				sizes = append(sizes, e)
			}
		}
	}
	n := len(sizes)
	if n == 0 {
		return 0
	}
	slices.Sort(sizes)
	most := set.Most(n)
	for _, more := range []int{int(4*math.Sqrt(float64(most))) + 1, 0} { // a sample may have more than its share
		right := n - min(most+more, n-1) // so many are no outliers
		if gross := max(6*sizes[right/2], sizes[right-1]); gross > 0 {
			return gross
		}
	}
	return 0
}

// byColumns copies m column by column.
func byColumns(m *mat.Dense) []float64 {
	rows, cols := m.Dims()
	out := make([]float64, rows*cols)
	tiles.Transposed(out, m)
	return out
}

// hushed is the Info of a method that does not know the problem's objective: a
// splitter, whose step is its threshold ζ and whose evaluations are passes over
// the data.
func hushed(zeta float64, passes int) lr.Info {
	return lr.Info{Loss: math.NaN(), GradNorm: math.NaN(), Step: zeta, Evals: passes}
}

// fall counts the steps since the least residual or the least threshold seen
// last fell by a hundredth: a splitter that has waited long for either makes no
// progress.
type fall struct {
	residual, zeta float64
	idle           int
}

// waitForFall is how many such steps in a row end a run as stalled.
const waitForFall = 15

func newFall() fall { return fall{residual: math.Inf(1), zeta: math.Inf(1)} }

// see takes a step that led to this residual and threshold into account.
func (f *fall) see(residual, zeta float64) {
	const enough = 1 - 1e-2
	f.idle++
	if residual < enough*f.residual {
		f.residual, f.idle = residual, 0
	}
	if zeta < enough*f.zeta {
		f.zeta, f.idle = zeta, 0
	}
}

// saved is the fall's share of State.
func (f *fall) saved() []any { return []any{&f.residual, &f.zeta, &f.idle} }

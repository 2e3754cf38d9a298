package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// RandomRobustPCA is [RobustPCA] of Data = M* + S*, both random. When nothing
// else is said, U* and V* have independent N(0, 1) entries; S* has ⌊Outliers·n⌋
// nonzeros at most in each row and column of which n entries are observed, and
// about as many in most, as S_γα wants it; they are ± OutlierSize, with random
// signs. Everything random has a stream of its own, named and drawn from Seed,
// so that one field leaves what the others draw as it was.
//
// The matrices of Cai, Cai, Wei 2019, arXiv:1711.05519 and of Cai, Hamm, Huang,
// Li, Wang 2021, arXiv:2010.07422, which do not mind rows with more outliers
// than others, have Uniform and OutlierRange: 1; those of Tong, Ma, Chi 2021,
// arXiv:2005.08898 also a Kappa. Uniform rows and columns hold more than their
// share about half of the time: without a Gamma above 1 the problem's own S
// cannot hold S*, though methods with a rule of their own may find it.
//
// With MatrixFree, which needs Uniform, the data are computed where they are
// read, from d1 + d2 rows of the factors and a hash of the position, at about
// 15 ns an entry, and are the same, to the bit, as those that are stored without
// it. Then S*, which would be stored, is not given.
type RandomRobustPCA struct {
	D1, D2 int // shape of the data; D2 may be 0 when Symmetric
	Rank   int // of the factors

	Alpha      float64     // α of the set S, the problem's budget, above 0
	Gamma      float64     // γ ≥ 1; default 1
	Cap        float64     // largest |S_ij|; default none
	Seed       uint64      // of U*, V*, S*, noise and what is observed, which have streams of their own
	Projection sparse.Rule // see [RobustPCA]
	Symmetric  bool        // M = UUᵀ; S*, noise and what is observed are symmetric too

	TruthRank int     // rank r* of M*, above or below Rank; default Rank
	Kappa     float64 // condition number κ* ≥ 1 of M*, whose factors then span random signs; default Gaussian factors
	Spacing   Spacing // of the singular values, with Kappa; default SpacingLinear
	Sigma     float64 // largest singular value of M*, with Kappa; default 1
	Support   int     // rows of U* and of V* that are not 0; default all

	Outliers     float64 // share of the entries of S* that are not 0, below 1; default Alpha, −1 for none
	OutlierSize  float64 // |S*_ij|; default 10 times the root mean square of M*
	OutlierRange float64 // c > 0: S*_ij is uniform in [−c·m, c·m] instead, m the mean of |M*_ij| over at most 1000 rows and 1000 columns
	Uniform      bool    // each entry is an outlier with probability Outliers, independently; default at most so many a line

	Observed   float64 // probability that an entry is observed; default 1
	Noise      float64 // standard deviation of Gaussian noise on the entries; default none
	MatrixFree bool    // compute the data where they are read; default store them
}

// New draws the problem; the same Seed gives the same problem. The truth is M*,
// also with noise, and S*, where it is observed. The errors are those of
// [RobustPCA], and options outside their range.
func (c RandomRobustPCA) New() (*Split, error) {
	c.D2 = square(c.D1, c.D2, c.Symmetric)
	m, err := c.draw()
	if err != nil {
		return nil, err
	}
	out := RobustPCA{
		Rank: c.Rank, Alpha: c.Alpha, Gamma: c.Gamma, Cap: c.Cap, Projection: c.Projection, Symmetric: c.Symmetric, Truth: m.truth,
	}
	if c.MatrixFree {
		out.Data = m
		return out.New()
	}
	data, s := m.store()
	out.Data, out.TruthSparse = data, s
	return out.New()
}

// draw checks the fields and returns the data as a matrix that computes them.
func (c *RandomRobustPCA) draw() (*corrupted, error) {
	switch c.Outliers {
	case 0:
		c.Outliers = c.Alpha
	case -1:
		c.Outliers = 0
	}
	in := instance{
		name: "RandomRobustPCA", d1: c.D1, d2: c.D2, rank: c.Rank, symmetric: c.Symmetric, seed: c.Seed,
		truthRank: c.TruthRank, kappa: c.Kappa, spacing: c.Spacing, sigma: c.Sigma, support: c.Support,
		noise: c.Noise, outliers: c.Outliers, outlierSize: c.OutlierSize,
	}
	if err := (lr.SparseSet{Alpha: c.Alpha, Gamma: c.Gamma, Cap: c.Cap}).Check(c.D1, c.D2); c.D1 > 0 && c.D2 > 0 && err != nil {
		return nil, fmt.Errorf("problem: RandomRobustPCA: %w", err)
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	m := newCorrupted(in.truth(), c.Seed)
	m.symmetric, m.noise, m.observed, m.outliers = c.Symmetric, c.Noise, 1, c.Outliers
	if c.Observed > 0 {
		m.observed = c.Observed
	}
	c.setSize(m)
	if c.Uniform {
		m.drawUniform(c.Seed)
	} else if c.Outliers > 0 {
		m.drawRegular(c.Seed)
	}
	return m, nil
}

// check returns an error for the options that are this problem's alone.
func (c *RandomRobustPCA) check() error {
	switch {
	case !(c.OutlierRange >= 0) || !finite(c.OutlierRange):
		return fmt.Errorf("problem: RandomRobustPCA has OutlierRange = %v; a positive finite multiple of the mean entry is wanted, or 0 for outliers of one size: %w", c.OutlierRange, lr.ErrValue)
	case c.OutlierRange > 0 && c.OutlierSize > 0:
		return fmt.Errorf("problem: RandomRobustPCA has OutlierSize = %v and OutlierRange = %v; one of the two is wanted: %w", c.OutlierSize, c.OutlierRange, lr.ErrValue)
	case c.OutlierRange > 0 && c.Outliers == 0:
		return fmt.Errorf("problem: RandomRobustPCA has OutlierRange = %v but no Outliers; their share is wanted too: %w", c.OutlierRange, lr.ErrValue)
	case !(c.Observed >= 0 && c.Observed <= 1):
		return fmt.Errorf("problem: RandomRobustPCA has Observed = %v; a probability, 0 < Observed ≤ 1, is wanted, or 0 for 1: %w", c.Observed, lr.ErrValue)
	case c.MatrixFree && !c.Uniform && c.Outliers > 0:
		return fmt.Errorf("problem: RandomRobustPCA has MatrixFree without Uniform; outliers that are counted by rows and columns cannot be computed one by one (set Uniform): %w", lr.ErrValue)
	}
	return nil
}

// setSize says how large outliers are.
func (c *RandomRobustPCA) setSize(m *corrupted) {
	d1, d2 := float64(c.D1), float64(c.D2)
	switch {
	case c.OutlierRange > 0:
		m.spread, m.size = true, c.OutlierRange*meanMagnitude(m.truth)
	case c.OutlierSize > 0:
		m.size = c.OutlierSize
	default:
		m.size = 10 * linalg.ProductNorm(m.truth.U, m.truth.Right()) / math.Sqrt(d1*d2)
	}
}

// meanMagnitude is the mean of |M_ij| over rows and columns at equal distances,
// at most 1000 of each.
func meanMagnitude(x *lr.Factors) float64 {
	d1, d2 := x.Dims()
	n1, n2 := min(d1, 1000), min(d2, 1000)
	var sum float64
	for a := range n1 {
		for b := range n2 {
			sum += math.Abs(x.At(a*d1/n1, b*d2/n2))
		}
	}
	return sum / float64(n1) / float64(n2)
}

// store returns the data and S* where it is observed.
func (m *corrupted) store() (*mat.Dense, *lr.Sparse) {
	data := mat.NewDense(m.d1, m.d2, nil)
	blocks := par.Blocks(m.d1, 1, 64)
	kept := make([][]entry, blocks)
	par.New(func(b int) {
		lo, hi := par.Bounds(m.d1, blocks, b)
		for i := lo; i < hi; i++ {
			row := data.RawRowView(i)
			m.ReadRow(row, i, 0)
			kept[b] = m.outliersOf(kept[b], row, i)
		}
	}).Run(blocks)
	s := &lr.Sparse{D1: m.d1, D2: m.d2, RowFrom: make([]int, m.d1+1)}
	for _, part := range kept {
		for _, e := range part {
			s.Col, s.Value = append(s.Col, e.j), append(s.Value, e.v)
			s.RowFrom[e.i+1]++
		}
	}
	for i := range m.d1 {
		s.RowFrom[i+1] += s.RowFrom[i]
	}
	return data, s
}

// entry is a number and its place.
type entry struct {
	i, j int32
	v    float64
}

// outliersOf appends the entries of row i of S* that are observed in row, and
// adds those that are counted by rows and columns to it.
func (m *corrupted) outliersOf(all []entry, row []float64, i int) []entry {
	if m.regular != nil {
		for _, j := range m.regular[i] {
			v := m.outlier(i, int(j))
			row[j] += v
			all = append(all, entry{int32(i), j, v})
		}
		return all
	}
	for j, v := range row {
		if v == v && m.hit(i, j) {
			all = append(all, entry{int32(i), int32(j), m.outlier(i, j)})
		}
	}
	return all
}

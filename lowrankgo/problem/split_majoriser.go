package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// Majoriser returns the objective with S frozen at its minimiser at x,
//
//	g_x(M) = ½‖M + S(x) − Data‖²
//
// of which a pseudo strict saddle is asked (Def 5 of [G]): g_x ≥ f, equal at x,
// where it also has f's gradient, and smooth. Its minimiser of rank r is the best
// approximation of Data − S(x) (Lemma 14); its truth is M*.
//
// It stores Data − S(x), 8 bytes an entry, or 20 for each observed one where
// entries are missing. A point of another shape, or that is not finite, is an
// error; with a rule other than [sparse.Exact] g_x(M) may be below f(M), since f
// is above the minimum over S then.
func (s *Split) Majoriser(x *lr.Factors) (lr.Problem, error) {
	if err := lr.CheckPoint(s, x); err != nil {
		return nil, fmt.Errorf("problem: the point of a majoriser: %w", err)
	}
	part := s.NewEval().(lr.SparsePart).SparsePart(x)
	if s.mask != nil {
		return s.frozen(s.mask, s.valuesWithout(part))
	}
	rest := s.dataWithout(part)
	if s.observed == s.d1*s.d2 {
		eye, err := operator.NewIdentity(s.d1, s.d2)
		if err != nil {
			return nil, err
		}
		return s.frozen(eye, rest.RawMatrix().Data)
	}
	seen, err := operator.NewObserved(rest)
	if err != nil {
		return nil, err
	}
	return s.frozen(seen.Mask, seen.Values)
}

func (s *Split) frozen(op lr.Operator, b []float64) (lr.Problem, error) {
	return newQuadratic("Majoriser", op, b, s.rank, 1, s.symmetric, s.truth)
}

// dataWithout is Data − S.
func (s *Split) dataWithout(part *lr.Sparse) *mat.Dense {
	m := mat.NewDense(s.d1, s.d2, nil)
	for i := range s.d1 {
		row := m.RawRowView(i)
		copy(row, tiles.Row(s.parts.Data, row, i, 0, s.d2))
		cols, values := part.Row(i)
		for e, j := range cols {
			row[j] -= values[e]
		}
	}
	return m
}

// valuesWithout is the same of listed entries.
func (s *Split) valuesWithout(part *lr.Sparse) []float64 {
	b := append([]float64(nil), s.parts.Values...)
	for i := range s.d1 {
		e := s.parts.Pattern.RowFrom[i]
		cols, values := part.Row(i)
		for k, j := range cols {
			for s.parts.Pattern.Col[e] != j {
				e++
			}
			b[e] -= values[k]
		}
	}
	return b
}

package problem

import (
	"errors"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Separable is a sum of problems over blocks of columns of one matrix,
//
//	g(U, V) = Σⱼ fⱼ(U·Vⱼᵀ),  V = [V1; …; VJ],  M = [M1, …, MJ]
//
// as [L](II.3): all share U, and Vⱼ, mⱼ×r, belongs to part j alone. It is what
// a network that computes together minimises, and what it is compared with.
//
// A part may have fewer columns than r, if it accepts that: it cannot find U
// by itself then, as the whole can. To regularise, wrap the whole: Balance over
// the whole is not the sum of Balance over the parts.
type Separable struct {
	Parts []lr.Problem // asymmetric problems with the same d1 and rank
	// Truth is M* where it is known; copied. Default: the matrix whose blocks
	// are the truths of the parts, when all know theirs. Its rank is r only if
	// they have a common column space.
	Truth *lr.Factors
}

// New returns the problem. No parts, parts that are symmetric or differ in
// rows or rank, a rank above min(d1, Σmⱼ), and a truth of another shape are
// errors.
func (s Separable) New() (*Stacked, error) {
	if len(s.Parts) == 0 {
		return nil, fmt.Errorf("problem: Separable has no Parts; at least one is wanted: %w", lr.ErrEmpty)
	}
	out := &Stacked{blocks{parts: append([]lr.Problem(nil), s.Parts...)}}
	for j := range out.parts {
		if err := out.place(j); err != nil {
			return nil, err
		}
	}
	out.from = append(out.from, out.d2)
	if err := checkRank("Separable", out.d1, out.d2, out.r, false); err != nil {
		return nil, err
	}
	if err := out.setTruth(s.Truth); err != nil {
		return nil, err
	}
	return out, nil
}

// place puts part j beside those before it.
func (s *blocks) place(j int) error {
	p := s.parts[j]
	if err := checkPart(p); err != nil {
		return fmt.Errorf("problem: part %d of Separable: %w", j, err)
	}
	d1, m, r := p.Dims()
	if j == 0 {
		s.d1, s.r = d1, r
	}
	if lr.SymmetricOf(p) {
		return fmt.Errorf("problem: part %d of Separable, %s, is symmetric; M = UVᵀ is wanted of all: %w", j, printed(p), lr.ErrShape)
	}
	if d1 != s.d1 || r != s.r {
		return fmt.Errorf("problem: part %d of Separable is %d×%d with rank %d, part 0 has %d rows and rank %d; all must have these: %w", j, d1, m, r, s.d1, s.r, lr.ErrShape)
	}
	s.from = append(s.from, s.d2)
	s.d2 += m
	return nil
}

// checkPart is lr.CheckProblem but for a rank above the part's own columns.
func checkPart(p lr.Problem) error {
	err := lr.CheckProblem(p)
	if errors.Is(err, lr.ErrRank) {
		if d1, m, r := p.Dims(); r >= 1 && r <= d1 && m >= 1 {
			return nil
		}
	}
	return err
}

func (s *blocks) setTruth(given *lr.Factors) error {
	if given == nil {
		s.truth = s.joined()
		return nil
	}
	if err := given.Check(); err != nil {
		return fmt.Errorf("problem: the truth of Separable: %w", err)
	}
	if t1, t2 := given.Dims(); t1 != s.d1 || t2 != s.d2 {
		return fmt.Errorf("problem: the truth of Separable is %d×%d; %d×%d is wanted: %w", t1, t2, s.d1, s.d2, lr.ErrShape)
	}
	s.truth = given.Clone()
	return nil
}

// joined is [M1*, …, MJ*] in factors, nil unless all are known: U* and the
// stacked Vⱼ* when all have the same U*, else [U1*, …, UJ*] and the block
// diagonal of the Vⱼ*, brought down to its rank.
func (s *blocks) joined() *lr.Factors {
	var all []*lr.Factors
	cols, same := 0, true
	for _, p := range s.parts {
		t, ok := lr.TruthOf(p)
		if !ok {
			return nil
		}
		all = append(all, t)
		cols += t.Rank()
		same = same && mat.Equal(t.U, all[0].U)
	}
	if same {
		cols = all[0].Rank()
	}
	x := lr.NewFactors(s.d1, s.d2, cols)
	at := 0
	for j, t := range all {
		x.U.Slice(0, s.d1, at, at+t.Rank()).(*mat.Dense).Copy(t.U)
		x.V.Slice(s.from[j], s.from[j+1], at, at+t.Rank()).(*mat.Dense).Copy(t.Right())
		if !same {
			at += t.Rank()
		}
	}
	if same {
		return x
	}
	return reduced(x)
}

// reduced is x with as many columns as the rank of M, at least one; x itself
// if that cannot be found.
func reduced(x *lr.Factors) *lr.Factors {
	u, sigma, v := balancedSVD(x)
	least, rank := smallest(sigma), 0
	for _, s := range sigma {
		if s > 0 && s >= least {
			rank++
		}
	}
	y := &lr.Factors{U: u, V: v}
	if !y.Finite() {
		return x
	}
	rank = max(rank, 1)
	d1, d2 := y.Dims()
	y.U = mat.DenseCopyOf(u.Slice(0, d1, 0, rank))
	y.V = mat.DenseCopyOf(v.Slice(0, d2, 0, rank))
	return y
}

// Stacked is a sum of problems over blocks of columns, made by [Separable]. It
// is immutable.
//
// It has Hessian products, products with ∇f(M) = [∇f1, …, ∇fJ] and a sparse part
// [S1, …, SJ] if all parts have them; batches, over the terms of all parts in order, if all have them
// and none has a regulariser, whose share could not be told from that of the
// terms.
type Stacked struct{ blocks }

// Unregularised returns the sum of the parts without their regularisers.
func (s *Stacked) Unregularised() lr.Problem {
	b := s.blocks
	b.parts = s.Parts()
	for j, p := range b.parts {
		b.parts[j] = unregularised(p)
	}
	return &b
}

// blocks is a Stacked without the method by which callers find out that there
// is a regulariser.
type blocks struct {
	parts     []lr.Problem
	from      []int // part j has the rows from[j] … from[j+1]−1 of V
	d1, d2, r int
	truth     *lr.Factors
}

// Dims returns d1, the sum of the mⱼ, and the rank.
func (s *blocks) Dims() (d1, d2, r int) { return s.d1, s.d2, s.r }

// Parts returns the parts, in order.
func (s *blocks) Parts() []lr.Problem { return append([]lr.Problem(nil), s.parts...) }

// Truth returns the factors of M*, nil when it is not known. They must not be
// changed.
func (s *blocks) Truth() *lr.Factors { return s.truth }

// Has reports which abilities the problem has: the truth only if it is known.
func (s *blocks) Has(a lr.Ability) bool { return a != lr.AbilityTruth || s.truth != nil }

func (s *blocks) String() string {
	return fmt.Sprintf("Separable(%d parts, %d×%d, rank %d; part 0: %s)", len(s.parts), s.d1, s.d2, s.r, printed(s.parts[0]))
}

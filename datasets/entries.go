package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Errors of this package wrap one of these; errors.Is finds them.
var (
	ErrShape = errors.New("shapes do not fit")
	ErrValue = errors.New("value out of range")
	ErrEmpty = errors.New("no data")
)

// Entries are some entries of a D1×D2 matrix: Values[k] stands in row Rows[k]
// and column Cols[k], counted from 0. Methods leave their receiver as it is
// and return memory of their own.
//
// The fields are those that problem.Completion asks for.
type Entries struct {
	D1, D2     int
	Rows, Cols []int
	Values     []float64
}

// Observed returns the entries of m that are not NaN, row by row. A nil m has
// none.
func Observed(m mat.Matrix) Entries {
	e := Entries{}
	if m == nil {
		return e
	}
	e.D1, e.D2 = m.Dims()
	n := 0
	for i := range e.D1 {
		for j := range e.D2 {
			if !math.IsNaN(m.At(i, j)) {
				n++
			}
		}
	}
	if n == 0 {
		return e
	}
	e.Rows, e.Cols, e.Values = make([]int, 0, n), make([]int, 0, n), make([]float64, 0, n)
	for i := range e.D1 {
		for j := range e.D2 {
			if v := m.At(i, j); !math.IsNaN(v) {
				e.append(i, j, v)
			}
		}
	}
	return e
}

func (e *Entries) append(i, j int, v float64) {
	e.Rows, e.Cols, e.Values = append(e.Rows, i), append(e.Cols, j), append(e.Values, v)
}

// Len is the number of entries.
func (e Entries) Len() int { return len(e.Values) }

// String gives the number of entries and the shape.
func (e Entries) String() string {
	return fmt.Sprintf("%d entries of a %d×%d matrix", e.Len(), e.D1, e.D2)
}

// Split draws a share of the entries at random, each with the same chance and
// without replacement, and returns the others as rest and these as part, both
// in e's order. part has share·n entries, rounded. The same seed and the same
// number of entries give the same draw on every platform.
//
// A share that leaves one of the two without an entry is an error.
func (e Entries) Split(share float64, seed uint64) (rest, part Entries, err error) {
	if err := e.check(); err != nil {
		return rest, part, err
	}
	n := e.Len()
	k := int(math.Round(share * float64(n)))
	if !(share > 0 && share < 1) || k == 0 || k == n {
		return rest, part, fmt.Errorf("datasets: Split was given the share %v of %d entries; a share between 0 and 1 that leaves an entry on both sides is wanted: %w", share, n, ErrValue)
	}
	drawn := make([]bool, n)
	for _, at := range splitStream(seed, n).Perm(n)[:k] {
		drawn[at] = true
	}
	rest, part = Entries{D1: e.D1, D2: e.D2}, Entries{D1: e.D1, D2: e.D2}
	for at, v := range e.Values {
		to := &rest
		if drawn[at] {
			to = &part
		}
		to.append(e.Rows[at], e.Cols[at], v)
	}
	return rest, part, nil
}

// splitStream depends on n, so that splitting twice with one seed does not
// draw neighbours of what was drawn before.
func splitStream(seed uint64, n int) *rand.Rand {
	key := []byte("lowrankgo datasets split")
	key = binary.LittleEndian.AppendUint64(key, seed)
	key = binary.LittleEndian.AppendUint64(key, uint64(n))
	return rand.New(rand.NewChaCha8(sha256.Sum256(key)))
}

// ColumnMeans returns the D1×D2 matrix that has in every entry the mean of its
// column's entries; in a column without entries the mean of all of them. It is
// the best prediction that is constant along columns. No entries at all are an
// error.
func (e Entries) ColumnMeans() (*mat.Dense, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	sum, count := make([]float64, e.D2), make([]int, e.D2)
	var total float64
	for k, v := range e.Values {
		sum[e.Cols[k]] += v
		count[e.Cols[k]]++
		total += v
	}
	for j := range sum {
		if count[j] > 0 {
			sum[j] /= float64(count[j])
		} else {
			sum[j] = total / float64(e.Len())
		}
	}
	m := mat.NewDense(e.D1, e.D2, nil)
	for i := range e.D1 {
		m.SetRow(i, sum)
	}
	return m, nil
}

// Minus returns the same entries with m's subtracted. A matrix of another
// shape is an error.
func (e Entries) Minus(m mat.Matrix) (Entries, error) {
	if err := e.checkAgainst("Minus", m); err != nil {
		return Entries{}, err
	}
	out := Entries{D1: e.D1, D2: e.D2}
	for k, v := range e.Values {
		out.append(e.Rows[k], e.Cols[k], v-m.At(e.Rows[k], e.Cols[k]))
	}
	return out, nil
}

// RMSE is the root of the mean of (Values[k] − m at Rows[k], Cols[k])², in the
// unit of the values. It is NaN when m is NaN at an entry. A matrix of another
// shape, and no entries at all, are errors.
func (e Entries) RMSE(m mat.Matrix) (float64, error) {
	if err := e.checkAgainst("RMSE", m); err != nil {
		return math.NaN(), err
	}
	var s float64
	for k, v := range e.Values {
		d := v - m.At(e.Rows[k], e.Cols[k])
		s += float64(d * d)
	}
	return math.Sqrt(s / float64(e.Len())), nil
}

// Matrix returns the D1×D2 matrix with these entries and NaN elsewhere.
// Entries outside it are an error.
func (e Entries) Matrix() (*mat.Dense, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	m := mat.NewDense(e.D1, e.D2, nil)
	data := m.RawMatrix().Data
	for i := range data {
		data[i] = math.NaN()
	}
	for k, v := range e.Values {
		m.Set(e.Rows[k], e.Cols[k], v)
	}
	return m, nil
}

// check holds hand-made entries against the promises of the type.
func (e Entries) check() error {
	switch n := len(e.Values); {
	case len(e.Rows) != n || len(e.Cols) != n:
		return fmt.Errorf("datasets: Entries has %d values, %d rows and %d columns; they must be as many: %w", n, len(e.Rows), len(e.Cols), ErrShape)
	case n == 0:
		return fmt.Errorf("datasets: Entries has no entry; at least one is wanted: %w", ErrEmpty)
	}
	for k := range e.Values {
		if i, j := e.Rows[k], e.Cols[k]; i < 0 || i >= e.D1 || j < 0 || j >= e.D2 {
			return fmt.Errorf("datasets: entry %d is at (%d, %d), outside the %d×%d matrix (indices count from 0): %w", k, i, j, e.D1, e.D2, ErrShape)
		}
	}
	return nil
}

func (e Entries) checkAgainst(what string, m mat.Matrix) error {
	if err := e.check(); err != nil {
		return err
	}
	if m == nil {
		return fmt.Errorf("datasets: %s was given no matrix: %w", what, ErrEmpty)
	}
	if d1, d2 := m.Dims(); d1 != e.D1 || d2 != e.D2 {
		return fmt.Errorf("datasets: %s was given a %d×%d matrix; the entries belong to a %d×%d one: %w", what, d1, d2, e.D1, e.D2, ErrShape)
	}
	return nil
}

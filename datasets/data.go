package datasets

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Data is a matrix as a file holds it, of which entries may be missing.
//
// A file that lists entries (triplets, a sparse matrix) gives those as
// observed and all others as missing. A file that holds a whole matrix gives
// each entry that is not NaN as observed.
type Data struct {
	Name     string   // of the file or the data set
	Format   string   // one of [Formats], or "images" for a folder
	Variable string   // the array's name in an .npz or .mat file
	Notes    []string // what was assumed in reading, a clause each, as "delimiter: tab"

	RowNames []string // a name for each row, or nil
	ColNames []string // a name for each column, or nil

	// Height and Width are the shape of each frame of a film or a picture
	// series, else 0: pixel (y, x) is at place y·Width + x of the frame.
	Height, Width int

	Merged int // entries that were given again and merged, see [Duplicates]

	frameRows bool // the frames are rows, not columns

	dense   *mat.Dense // the whole matrix, NaN where missing; or nil
	entries Entries    // row by row, when dense is nil
}

// Dims returns the shape.
func (d *Data) Dims() (rows, cols int) {
	if d.dense != nil {
		return d.dense.Dims()
	}
	return d.entries.D1, d.entries.D2
}

// Listed reports whether the file listed entries, so that what it did not
// list is missing; otherwise it held a whole matrix.
func (d *Data) Listed() bool { return d.dense == nil }

// Entries returns the observed entries row by row, in memory of their own, as
// problem.Completion asks for them.
func (d *Data) Entries() Entries {
	if d.dense != nil {
		return Observed(d.dense)
	}
	e := d.entries
	e.Rows, e.Cols, e.Values = slices.Clone(e.Rows), slices.Clone(e.Cols), slices.Clone(e.Values)
	return e
}

// maxDense is how many entries Matrix makes at most of a list: 2 GiB.
const maxDense = 1 << 28

// Matrix returns the matrix with NaN where an entry is missing, in memory of
// its own: 8 bytes an entry. A list of entries of a matrix with more than 2²⁸
// entries is an error: use [Data.Entries].
func (d *Data) Matrix() (*mat.Dense, error) {
	if d.dense != nil {
		return mat.DenseCopyOf(d.dense), nil
	}
	e := d.entries
	if e.D1 > 0 && e.D2 > maxDense/e.D1 {
		return nil, fmt.Errorf("datasets: %s: a %d×%d matrix has more than 2²⁸ entries; use Entries, which holds the %d that are observed: %w", d.Name, e.D1, e.D2, e.Len(), ErrTooLarge)
	}
	return e.Matrix()
}

// Whole returns the matrix itself, not a copy, with NaN where an entry is
// missing; it must not be changed. Of data that list entries it returns false.
func (d *Data) Whole() (m *mat.Dense, ok bool) { return d.dense, d.dense != nil }

// Row returns the row with the given name.
func (d *Data) Row(name string) (i int, ok bool) { return find(d.RowNames, name) }

// Col returns the column with the given name.
func (d *Data) Col(name string) (j int, ok bool) { return find(d.ColNames, name) }

func find(names []string, name string) (int, bool) {
	at := slices.Index(names, name)
	return at, at >= 0
}

// Frame returns frame k of a film or picture series, counted from 0, as a new
// Height×Width matrix, from x, a matrix of d's shape: d's own, or a part that a
// method found in it. Data without frames, a frame that is not there and a
// matrix of another shape are errors.
func (d *Data) Frame(x mat.Matrix, k int) (*mat.Dense, error) {
	rows, cols := d.Dims()
	size := d.Height * d.Width
	if size == 0 {
		return nil, fmt.Errorf("datasets: %s has no frames: Height and Width are 0: %w", d.Name, ErrShape)
	}
	if x == nil {
		return nil, fmt.Errorf("datasets: Frame was given no matrix: %w", ErrEmpty)
	}
	if r, c := x.Dims(); r != rows || c != cols {
		return nil, fmt.Errorf("datasets: Frame was given a %d×%d matrix; %s is %d×%d: %w", r, c, d.Name, rows, cols, ErrShape)
	}
	n := cols
	if d.frameRows {
		n = rows
	}
	if k < 0 || k >= n {
		return nil, fmt.Errorf("datasets: there is no frame %d in %s; 0 to %d are: %w", k, d.Name, n-1, ErrValue)
	}
	m := mat.NewDense(d.Height, d.Width, nil)
	for p := range size {
		i, j := p, k
		if d.frameRows {
			i, j = k, p
		}
		m.Set(p/d.Width, p%d.Width, x.At(i, j))
	}
	return m, nil
}

// String says what the data are in a line.
func (d *Data) String() string {
	rows, cols := d.Dims()
	n := d.entries.Len()
	if d.dense != nil {
		n = countObserved(d.dense)
	}
	return fmt.Sprintf("%s: %d of %d×%d entries", d.Name, n, rows, cols)
}

func countObserved(m *mat.Dense) int {
	n := 0
	rows, _ := m.Dims()
	for i := range rows {
		for _, v := range m.RawRowView(i) {
			if !math.IsNaN(v) {
				n++
			}
		}
	}
	return n
}

func (d *Data) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// newDense makes Data of a whole matrix whose entries are known to be there.
// Infinite entries and a matrix without an observed entry are errors.
func (s *source) newDense(rows, cols int, values []float64) (*Data, error) {
	if rows == 0 || cols == 0 {
		return nil, s.errorf(ErrEmpty, "the matrix is %d×%d; at least one entry is wanted", rows, cols)
	}
	observed := false
	for k, v := range values {
		if math.IsInf(v, 0) {
			return nil, s.errorf(ErrValue, "the entry in row %d, column %d (from 0) is %v; a finite number is wanted, or NaN where it is missing", k/cols, k%cols, v)
		}
		observed = observed || !math.IsNaN(v)
	}
	if !observed {
		return nil, s.errorf(ErrEmpty, "all %d×%d entries are missing", rows, cols)
	}
	return &Data{dense: mat.NewDense(rows, cols, values)}, nil
}

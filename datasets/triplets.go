package datasets

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxSide is the largest number of rows and of columns: what operator.NewMask
// takes.
const maxSide = 1<<31 - 2

// triplets collects entries as they come from a file.
type triplets struct {
	s          *source
	index      Index
	rows, cols ids
	i, j       []int32
	v          []float64
	place      []int32 // the line, or the number from 1, of each entry
	skipped    int     // entries whose value is missing
}

// ids numbers the rows, or the columns, of triplets.
type ids struct {
	names []string
	at    map[string]int32
	n     int  // how many there are
	fixed bool // n is given
}

// newTriplets makes an empty list. With indices, rows and cols give the shape,
// or -1 where it is to be found.
func newTriplets(s *source, index Index, rows, cols int) *triplets {
	t := &triplets{s: s, index: index}
	t.rows = ids{at: map[string]int32{}, n: max(0, rows), fixed: index != Names && rows >= 0}
	t.cols = ids{at: map[string]int32{}, n: max(0, cols), fixed: index != Names && cols >= 0}
	return t
}

// number returns the number of a name, a new one for a new name, which s books.
func (x *ids) number(s *source, name string) (int32, error) {
	if at, ok := x.at[name]; ok {
		return at, nil
	}
	if err := s.take(int64(len(name)) + 64); err != nil {
		return 0, err
	}
	name = strings.Clone(name) // and not the line that it came from
	at := int32(len(x.names))
	x.at[name] = at
	x.names = append(x.names, name)
	x.n = len(x.names)
	return at, nil
}

// add takes an entry at indices from 0.
func (t *triplets) add(i, j int, v float64, place int) error {
	switch {
	case math.IsNaN(v):
		t.skipped++
		return nil
	case len(t.v) >= maxSide:
		return t.s.errorf(ErrTooLarge, "there are more than %d entries", maxSide)
	}
	t.i, t.j, t.v, t.place = append(t.i, int32(i)), append(t.j, int32(j)), append(t.v, v), append(t.place, int32(place))
	return t.s.take(48)
}

// inside checks an index that may enlarge the shape.
func (x *ids) inside(i int) bool {
	if i < 0 || i > maxSide-1 || x.fixed && i >= x.n {
		return false
	}
	x.n = max(x.n, i+1)
	return true
}

// addAll takes entries whose indices are numbers of an array.
func (t *triplets) addAll(rows, cols, values []float64) error {
	i, okRows := integers(rows, t.rows.n)
	j, okCols := integers(cols, t.cols.n)
	if !okRows || !okCols || len(i) != len(values) || len(j) != len(values) {
		return t.s.errorf(ErrFormat, "the sparse %d×%d matrix has %d row indices, %d column indices and %d values, or an index outside it; as many of each are wanted, from 0", t.rows.n, t.cols.n, len(rows), len(cols), len(values))
	}
	for k, v := range values {
		if err := t.addFinite(i[k], j[k], v, k+1); err != nil {
			return err
		}
	}
	return nil
}

// addCompressed takes entries in compressed rows: those of row i are at
// from[i] … from[i+1]−1; with swap, in compressed columns.
func (t *triplets) addCompressed(from, other, values []float64, n int, swap bool) error {
	minor := t.cols.n
	if swap {
		minor = t.rows.n
	}
	starts, ok := integers(from, len(values)+1)
	others, okOther := integers(other, minor)
	if !ok || !okOther || len(starts) != n+1 || starts[0] != 0 || starts[n] > len(values) || len(others) < starts[n] || !slices.IsSorted(starts) {
		return t.s.errorf(ErrFormat, "the compressed sparse %d×%d matrix is damaged: %d pointers, %d indices and %d values do not fit together", t.rows.n, t.cols.n, len(from), len(other), len(values))
	}
	for major := range n {
		for k := starts[major]; k < starts[major+1]; k++ {
			i, j := major, others[k]
			if swap {
				i, j = j, i
			}
			if err := t.addFinite(i, j, values[k], k+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *triplets) addFinite(i, j int, v float64, place int) error {
	if math.IsInf(v, 0) {
		return t.s.errorf(ErrValue, "the entry in row %d, column %d (from 0) is %v; a finite number is wanted, or NaN where it is missing", i, j, v)
	}
	return t.add(i, j, v, place)
}

// data orders the entries row by row, and treats those given twice as the
// options say. unit is what place counts, as "line".
func (t *triplets) data(unit string) (*Data, error) {
	if len(t.v) == 0 {
		return nil, t.s.errorf(ErrEmpty, "there is no entry with a value")
	}
	d := &Data{}
	if t.index == Names {
		t.rows.inOrder(t.i)
		t.cols.inOrder(t.j)
		d.RowNames, d.ColNames = t.rows.names, t.cols.names
	}
	order := make([]int32, len(t.v))
	for k := range order {
		order[k] = int32(k)
	}
	order = sorted(sorted(order, t.j, t.cols.n), t.i, t.rows.n)
	e := Entries{D1: t.rows.n, D2: t.cols.n}
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && t.i[order[to]] == t.i[order[from]] && t.j[order[to]] == t.j[order[from]] {
			to++
		}
		if to > from+1 && t.s.o.Duplicates == Reject {
			return nil, t.twice(order[from], order[from+1], unit)
		}
		k := order[from]
		e.append(int(t.i[k]), int(t.j[k]), t.merge(order[from:to]))
		d.Merged += to - from - 1
		from = to
	}
	d.entries = e
	if t.skipped > 0 {
		d.note("missing values left out: %d", t.skipped)
	}
	return d, nil
}

// sorted returns order by key[order[k]], which is from 0 below n; what has the
// same key stays in order.
func sorted(order, key []int32, n int) []int32 {
	if n > 4*len(order)+1<<16 { // too few entries for counting all keys
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(key[a], key[b]) })
		return order
	}
	from := make([]int32, n+1)
	for _, k := range order {
		from[key[k]+1]++
	}
	for k := range n {
		from[k+1] += from[k]
	}
	out := make([]int32, len(order))
	for _, k := range order {
		out[from[key[k]]] = k
		from[key[k]]++
	}
	return out
}

func (t *triplets) merge(same []int32) float64 {
	if t.s.o.Duplicates != Average {
		return t.v[same[len(same)-1]]
	}
	var sum float64
	for _, k := range same {
		sum += t.v[k]
	}
	return sum / float64(len(same))
}

func (t *triplets) twice(a, b int32, unit string) error {
	row, col := t.label(&t.rows, t.i[b]), t.label(&t.cols, t.j[b])
	return t.s.errorf(ErrValue, "%s %d gives row %s, column %s, which %s %d gave already (%v and %v); every entry may come once, or set Duplicates to Average or Last",
		unit, t.place[b], row, col, unit, t.place[a], t.v[a], t.v[b])
}

// label is how the file calls a row or column.
func (t *triplets) label(x *ids, at int32) string {
	switch t.index {
	case Names:
		return strconv.Quote(x.names[at])
	case FromOne:
		return strconv.Itoa(int(at) + 1)
	}
	return strconv.Itoa(int(at))
}

// inOrder renumbers the names if all are numbers, in their order: a file that
// is sorted otherwise then gives the same matrix.
func (x *ids) inOrder(at []int32) {
	values := make([]int, len(x.names))
	for k, name := range x.names {
		v, err := strconv.Atoi(name)
		if err != nil || v < 0 || strconv.Itoa(v) != name {
			return
		}
		values[k] = v
	}
	order := make([]int32, len(values))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(values[a], values[b]) })
	to, names := make([]int32, len(order)), make([]string, len(order))
	for k, old := range order {
		to[old], names[k] = int32(k), x.names[old]
	}
	for k := range at {
		at[k] = to[at[k]]
	}
	x.names, x.at = names, nil
}

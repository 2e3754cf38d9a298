package datasets

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// mtxHeader is the first line of a Matrix Market file and its sizes.
type mtxHeader struct {
	format, field, symmetry string
	rows, cols, n           int // n entries are listed
}

// readMtx reads the Matrix Market exchange format (R. F. Boisvert, R. Pozo,
// K. A. Remington, NISTIR 5935, 1996).
func readMtx(s *source) (*Data, error) {
	l := &lineReader{s: s, r: s.r, comment: "%"}
	h, err := s.mtxHeader(l)
	if err != nil {
		return nil, err
	}
	var d *Data
	if h.format == "array" {
		d, err = s.mtxArray(l, h)
	} else {
		d, err = s.mtxCoordinate(l, h)
	}
	if err == nil {
		d.note("Matrix Market: %s %s %s", h.format, h.field, h.symmetry)
	}
	return d, err
}

func (s *source) mtxHeader(l *lineReader) (h mtxHeader, err error) {
	first, err := l.raw()
	if err != nil && err != io.EOF {
		return h, err
	}
	words := strings.Fields(strings.ToLower(first))
	if len(words) != 5 || words[0] != "%%matrixmarket" || words[1] != "matrix" {
		return h, s.at(1, 0, ErrFormat, "%.80q is no Matrix Market header; \"%%%%MatrixMarket matrix coordinate real general\" or the like is wanted", first)
	}
	h.format, h.field, h.symmetry = words[2], words[3], words[4]
	switch {
	case h.format != "coordinate" && h.format != "array":
		return h, s.at(1, 0, ErrFormat, "the format is %q; coordinate or array is wanted", h.format)
	case h.field != "real" && h.field != "double" && h.field != "integer" && (h.field != "pattern" || h.format == "array"):
		return h, s.at(1, 0, ErrFormat, "the field is %q; real or integer is wanted, or in coordinate form pattern", h.field)
	case h.symmetry != "general" && h.symmetry != "symmetric" && h.symmetry != "skew-symmetric":
		return h, s.at(1, 0, ErrFormat, "the symmetry is %q; general, symmetric or skew-symmetric is wanted", h.symmetry)
	}
	fields, err := l.next()
	if err != nil {
		return h, s.mtxEnd(err, l, "the line with the sizes")
	}
	want := 3
	if h.format == "array" {
		want = 2
	}
	var sizes [3]int
	for k := 0; k < len(fields) && k < want; k++ {
		if sizes[k], err = strconv.Atoi(fields[k]); err != nil || sizes[k] < 0 {
			return h, s.at(l.line, l.col(k), ErrFormat, "%q is no size; a whole number is wanted", fields[k])
		}
	}
	h.rows, h.cols, h.n = sizes[0], sizes[1], sizes[2]
	switch {
	case len(fields) != want:
		return h, s.at(l.line, 0, ErrFormat, "there are %d sizes; %d are wanted: rows, columns and, in coordinate form, the number of entries", len(fields), want)
	case h.rows > maxSide || h.cols > maxSide:
		return h, s.at(l.line, 0, ErrTooLarge, "the matrix is %d×%d; sides below 2³¹ are wanted", h.rows, h.cols)
	case h.rows == 0 || h.cols == 0:
		return h, s.at(l.line, 0, ErrEmpty, "the matrix is %d×%d; at least one entry is wanted", h.rows, h.cols)
	case h.symmetry != "general" && h.rows != h.cols:
		return h, s.at(l.line, 0, ErrShape, "the matrix is %s and %d×%d; it must be square", h.symmetry, h.rows, h.cols)
	}
	return h, nil
}

// mtxEnd says what was awaited where the file ended.
func (s *source) mtxEnd(err error, l *lineReader, awaited string) error {
	if errors.Is(err, io.EOF) {
		return s.at(l.line, 0, ErrFormat, "the file ends where %s is awaited", awaited)
	}
	return err
}

func (s *source) mtxCoordinate(l *lineReader, h mtxHeader) (*Data, error) {
	t := newTriplets(s, FromOne, h.rows, h.cols)
	want := 3
	if h.field == "pattern" {
		want = 2
	}
	for k := range h.n {
		fields, err := l.next()
		if err != nil {
			return nil, s.mtxEnd(err, l, "entry "+strconv.Itoa(k+1)+" of "+strconv.Itoa(h.n))
		}
		if len(fields) != want {
			return nil, s.at(l.line, 0, ErrFormat, "there are %d numbers; %d are wanted: row, column and, unless the field is pattern, value", len(fields), want)
		}
		if err := s.mtxEntry(t, l, h, fields); err != nil {
			return nil, err
		}
	}
	if err := s.mtxNoMore(l, h.n); err != nil {
		return nil, err
	}
	return t.data("line")
}

func (s *source) mtxEntry(t *triplets, l *lineReader, h mtxHeader, fields []string) (err error) {
	var at [2]int
	for k, n := range []int{h.rows, h.cols} {
		if at[k], err = strconv.Atoi(fields[k]); err != nil || at[k] < 1 || at[k] > n {
			return s.at(l.line, l.col(k), ErrValue, "%q is no index of the %d×%d matrix; indices count from 1", fields[k], h.rows, h.cols)
		}
	}
	v := 1.0
	if h.field != "pattern" {
		if v, err = s.value(fields[2], l.line, l.col(2)); err != nil {
			return err
		}
	}
	i, j := at[0]-1, at[1]-1
	if h.symmetry != "general" && (j > i || h.symmetry != "symmetric" && j == i) {
		return s.at(l.line, 0, ErrFormat, "entry (%d, %d) of a %s matrix; only those below the diagonal, and of a symmetric one on it, are listed", at[0], at[1], h.symmetry)
	}
	if err := t.add(i, j, v, l.line); err != nil || i == j || h.symmetry == "general" {
		return err
	}
	if h.symmetry == "skew-symmetric" {
		v = -v
	}
	return t.add(j, i, v, l.line)
}

// mtxNoMore checks that the file ends.
func (s *source) mtxNoMore(l *lineReader, n int) error {
	if _, err := l.next(); err == nil {
		return s.at(l.line, 0, ErrFormat, "there is a line behind the %d entries that the header announced", n)
	} else if err != io.EOF {
		return err
	}
	return nil
}

// mtxArray reads columns one behind the other, of a symmetric matrix from the
// diagonal down, of a skew-symmetric one from below it.
func (s *source) mtxArray(l *lineReader, h mtxHeader) (*Data, error) {
	if product([]int{h.rows, h.cols}) < 0 {
		return nil, s.at(l.line, 0, ErrTooLarge, "the matrix is %d×%d", h.rows, h.cols)
	}
	first := func(j int) int {
		switch h.symmetry {
		case "symmetric":
			return j
		case "skew-symmetric":
			return j + 1
		}
		return 0
	}
	var listed []float64 // its size is known when all lines are there
	for j := range h.cols {
		for i := first(j); i < h.rows; i++ {
			fields, err := l.next()
			if err != nil {
				return nil, s.mtxEnd(err, l, "entry ("+strconv.Itoa(i+1)+", "+strconv.Itoa(j+1)+")")
			}
			if len(fields) != 1 {
				return nil, s.at(l.line, 0, ErrFormat, "there are %d numbers; one in a line is wanted", len(fields))
			}
			v, err := s.value(fields[0], l.line, l.col(0))
			if err != nil {
				return nil, err
			}
			listed = append(listed, v)
		}
	}
	if err := s.mtxNoMore(l, len(listed)); err != nil {
		return nil, err
	}
	if err := s.take(8 * int64(h.rows) * int64(h.cols)); err != nil {
		return nil, err
	}
	values := make([]float64, h.rows*h.cols)
	k := 0
	for j := range h.cols {
		for i := first(j); i < h.rows; i++ {
			v := listed[k]
			k++
			values[i*h.cols+j] = v
			if h.symmetry == "symmetric" {
				values[j*h.cols+i] = v
			} else if h.symmetry == "skew-symmetric" {
				values[j*h.cols+i] = -v
			}
		}
	}
	return s.newDense(h.rows, h.cols, values)
}

package datasets

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// readText reads delimited text.
func readText(s *source) (*Data, error) { return s.text(s.o.Delimiter, nil) }

// readRatings reads lines user::item::rating::time, and the like with another
// delimiter.
func readRatings(s *source) (*Data, error) {
	s.o.Layout = Triplets
	return s.text(s.o.Delimiter, nil)
}

// readRecBole reads the .inter files of RecBole: columns between tabs, with a
// header of names and types.
func readRecBole(s *source) (*Data, error) {
	s.o.Layout = Triplets
	if s.o.Delimiter == "" {
		s.o.Delimiter = "\t"
	}
	return s.text(s.o.Delimiter, func(first record) error {
		if !isTyped(first.fields) {
			return s.at(first.line, 0, ErrFormat, "%.80q is no header of RecBole; names with their types between tabs are wanted, as user_id:token, item_id:token, rating:float", strings.Join(first.fields, "\t"))
		}
		return nil
	})
}

// text reads a table; check, if any, sees its first line.
func (s *source) text(delim string, check func(record) error) (*Data, error) {
	sample, err := s.textSample()
	if err != nil {
		return nil, err
	}
	if delim == "" {
		delim = s.findDelim(sample)
	}
	recs := s.sample(sample, delim)
	if len(recs) == 0 { // read on for the error
		_, err := newRecords(s, s.r, delim).next()
		if err == nil || err == io.EOF {
			err = s.errorf(ErrEmpty, "there is no line with data in it")
		}
		return nil, err
	}
	if check != nil {
		if err := check(recs[0]); err != nil {
			return nil, err
		}
	}
	p, err := s.plan(delim, recs)
	if err != nil {
		return nil, err
	}
	rs := newRecords(s, s.r, delim)
	var d *Data
	if p.layout == Triplets {
		d, err = s.readTriplets(rs, p)
	} else {
		d, err = s.readTable(rs, p)
	}
	if err != nil {
		return nil, err
	}
	d.Notes = append(p.notes, d.Notes...)
	switch {
	case isTyped(recs[0].fields):
		d.Format = "recbole"
	case delim == "::":
		d.Format = "ratings"
	}
	return d, nil
}

// textSample looks ahead, over two lines at least; a byte order mark is dropped
// on the way, and a line that is cut off.
func (s *source) textSample() ([]byte, error) {
	if head, _ := s.r.Peek(3); string(head) == "\ufeff" {
		s.r.Discard(3)
	}
	size := sampleSize
	b, err := s.r.Peek(size)
	for err == nil && bytes.Count(b, []byte("\n")) < 2 {
		size *= 2
		s.r = bufio.NewReaderSize(s.r, size)
		b, err = s.r.Peek(size)
	}
	if err != nil && err != io.EOF {
		return nil, s.readError(err)
	}
	if err := s.checkText(b); err != nil {
		return nil, err
	}
	if !bytes.Contains(b, []byte("\n")) && bytes.Contains(b, []byte("\r")) {
		return nil, s.errorf(ErrFormat, "its lines end with a carriage return alone; a line feed is wanted (tr '\\r' '\\n')")
	}
	if end := bytes.LastIndexByte(b, '\n'); err == nil && end > 0 {
		b = b[:end+1]
	}
	return b, nil
}

// readTriplets reads a line for each entry.
func (s *source) readTriplets(rs records, p plan) (*Data, error) {
	if p.header {
		if _, err := rs.next(); err != nil {
			return nil, err
		}
	}
	t := newTriplets(s, s.o.Index, -1, -1)
	need := slices.Max(p.columns[:]) + 1
	for {
		rec, err := rs.next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if len(rec.fields) < need || len(rec.fields) != p.width {
			return nil, s.at(rec.line, 0, ErrFormat, "there are %d fields (delimiter: %s); the lines before have %d", len(rec.fields), delimName(p.delim), p.width)
		}
		if err := s.readTriplet(t, rec, p.columns); err != nil {
			return nil, err
		}
	}
	return t.data("line")
}

func (s *source) readTriplet(t *triplets, rec record, at [3]int) error {
	i, err := t.place1(&t.rows, rec, at[0])
	if err != nil {
		return err
	}
	j, err := t.place1(&t.cols, rec, at[1])
	if err != nil {
		return err
	}
	v := 1.0
	if at[2] >= 0 {
		if v, err = s.value(rec.fields[at[2]], rec.line, rec.cols[at[2]]); err != nil {
			return err
		}
	}
	return t.add(i, j, v, rec.line)
}

// place1 is the row, or column, that field k of a line means.
func (t *triplets) place1(x *ids, rec record, k int) (int, error) {
	name, err := t.s.nameOf(rec.fields[k], rec.line, rec.cols[k])
	if err != nil {
		return 0, err
	}
	if t.index == Names {
		if name == "" {
			return 0, t.s.at(rec.line, rec.cols[k], ErrValue, "the name of the row or column is empty")
		}
		at, err := x.number(t.s, name)
		return int(at), err
	}
	base := 0
	if t.index == FromOne {
		base = 1
	}
	i, err := strconv.Atoi(name)
	if err != nil || !x.inside(i-base) {
		return 0, t.s.at(rec.line, rec.cols[k], ErrValue, "%.40q is no index; a whole number from %d, below 2³¹, is wanted (Index is set)", name, base)
	}
	return i - base, nil
}

// readTable reads a line for each row.
func (s *source) readTable(rs records, p plan) (*Data, error) {
	d := &Data{}
	skip := 0
	if p.rowNames {
		skip = 1
	}
	if p.width <= skip {
		return nil, s.errorf(ErrEmpty, "the lines have a row name and no values")
	}
	if err := s.tableHeader(d, rs, p, skip); err != nil {
		return nil, err
	}
	var values []float64
	rows := 0
	for ; ; rows++ {
		rec, err := rs.next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if len(rec.fields) != p.width {
			return nil, s.at(rec.line, 0, ErrShape, "there are %d fields (delimiter: %s); the lines before have %d", len(rec.fields), delimName(p.delim), p.width)
		}
		if err := s.take(8 * int64(p.width)); err != nil {
			return nil, err
		}
		if p.rowNames {
			name, err := s.nameOf(rec.fields[0], rec.line, rec.cols[0])
			if err != nil {
				return nil, err
			}
			d.RowNames = append(d.RowNames, strings.Clone(name))
		}
		for k, f := range rec.fields[skip:] {
			v, err := s.value(f, rec.line, rec.cols[k+skip])
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
	}
	made, err := s.newDense(rows, p.width-skip, values)
	if err != nil {
		return nil, err
	}
	d.dense = made.dense
	return d, nil
}

// tableHeader reads the names of the columns.
func (s *source) tableHeader(d *Data, rs records, p plan, skip int) error {
	if !p.header {
		return nil
	}
	rec, err := rs.next()
	if err != nil {
		return err
	}
	if p.short {
		skip = 0
	}
	want := p.width
	if p.short {
		want--
	}
	if len(rec.fields) != want {
		return s.at(rec.line, 0, ErrShape, "the header has %d fields (delimiter: %s); the line below it has %d", len(rec.fields), delimName(p.delim), p.width)
	}
	for k, f := range rec.fields[skip:] {
		name, err := s.nameOf(f, rec.line, rec.cols[k+skip])
		if err != nil {
			return err
		}
		d.ColNames = append(d.ColNames, strings.Clone(name))
	}
	return nil
}

package datasets

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// plan is how a text table is read, as the options say or the first lines
// suggest.
type plan struct {
	delim    string
	header   bool
	rowNames bool
	layout   Layout
	columns  [3]int // of Triplets: row, column, value; −1 for a value of 1
	width    int    // fields a line
	short    bool   // the header lacks the field over the row names
	notes    []string
}

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

// textSample looks ahead; a byte order mark is dropped on the way, and a line
// that is cut off, if it is not the only one.
func (s *source) textSample() ([]byte, error) {
	if head, _ := s.r.Peek(3); string(head) == "\ufeff" {
		s.r.Discard(3)
	}
	b, err := s.r.Peek(sampleSize)
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

// plan decides how to read the table that begins with recs.
func (s *source) plan(delim string, recs []record) (plan, error) {
	p := plan{delim: delim, layout: s.o.Layout}
	first, rest := recs[0], recs[1:]
	p.notes = append(p.notes, "delimiter: "+delimName(delim))
	p.header = s.o.Header == Yes || s.o.Header == Auto && s.looksLikeHeader(first, rest)
	if p.header && len(rest) == 0 {
		return p, s.at(first.line, 0, ErrEmpty, "there is a header and no line below it")
	}
	body := recs
	if p.header {
		body = rest
	}
	p.width = len(body[0].fields)
	names := []string(nil)
	if p.header {
		p.notes = append(p.notes, "header: first line")
		names = slices.Clone(first.fields)
		for k := range names {
			names[k] = strings.TrimSpace(names[k])
		}
	} else {
		p.notes = append(p.notes, "header: none")
	}
	if p.layout == AutoLayout {
		p.layout = Table
		if _, found := knownColumns(names); found || isTyped(names) || len(s.o.Columns) > 0 || delim == "::" || names == nil && looksLikeTriplets(body) {
			p.layout = Triplets
		}
	}
	if p.layout == Triplets {
		if p.header && len(names) != p.width {
			return p, s.at(body[0].line, 0, ErrFormat, "there are %d fields (delimiter: %s); the header has %d", p.width, delimName(delim), len(names))
		}
		return p, s.planTriplets(&p, names, first.line)
	}
	p.short = p.header && len(first.fields) == p.width-1
	p.rowNames = s.o.RowNames == Yes || s.o.RowNames == Auto && (p.short || s.looksLikeRowNames(names, body))
	p.notes = append(p.notes, "layout: table")
	if p.rowNames {
		p.notes = append(p.notes, "row names: first column")
	}
	return p, nil
}

func (s *source) looksLikeHeader(first record, rest []record) bool {
	if isTyped(first.fields) {
		return true
	}
	for k, f := range first.fields {
		if s.isValue(f) || isBadNumber(f) {
			continue
		}
		// A word in the first column may name the row, as the line below shows.
		if k > 0 || len(rest) > 0 && s.isValue(rest[0].fields[0]) {
			return true
		}
	}
	// pandas leaves the corner empty: ,1990,1991
	corner := len(first.fields) > 1 && strings.TrimSpace(first.fields[0]) == ""
	return corner && len(rest) > 0 && !s.isValue(rest[0].fields[0])
}

func (s *source) looksLikeRowNames(header []string, body []record) bool {
	if len(header) > 1 && (header[0] == "" && !slices.Contains(header[1:], "") || slices.Contains([]string{"id", "name", "index", "key", "label"}, strings.ToLower(header[0]))) {
		return true
	}
	for _, rec := range body {
		if len(rec.fields) > 1 && !s.isValue(rec.fields[0]) && !isBadNumber(rec.fields[0]) {
			return true
		}
	}
	return false
}

// isBadNumber reports whether a field was meant as a number: its reader shall
// refuse it, and it is no name.
func isBadNumber(field string) bool {
	field = strings.TrimSpace(field)
	return isNumber(strings.Replace(field, ",", ".", 1))
}

// looksLikeTriplets finds the form of user, item, rating, and perhaps time: two
// columns of whole numbers that repeat, but never together.
func looksLikeTriplets(body []record) bool {
	pairs, rows, cols := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, rec := range body {
		f := rec.fields
		if len(f) != 3 && len(f) != 4 || !isIndex(f[0]) || !isIndex(f[1]) {
			return false
		}
		pair := f[0] + " " + f[1]
		if pairs[pair] {
			return false
		}
		pairs[pair], rows[f[0]], cols[f[1]] = true, true, true
	}
	return len(rows) < len(body) && len(cols) < len(body)
}

func isIndex(field string) bool {
	_, err := strconv.ParseUint(strings.TrimSpace(field), 10, 63)
	return err == nil
}

// isTyped recognises a header of RecBole.
func isTyped(fields []string) bool {
	for _, f := range fields {
		if _, kind, ok := strings.Cut(f, ":"); !ok || !slices.Contains([]string{"token", "float", "token_seq", "float_seq"}, strings.TrimSpace(kind)) {
			return false
		}
	}
	return len(fields) > 0
}

// Names that columns of triplets have, in small letters without "_" and " ".
var (
	rowWords   = []string{"user", "userid", "row", "rowid", "i", "u", "uid"}
	colWords   = []string{"item", "itemid", "movie", "movieid", "col", "colid", "column", "j", "iid", "bookid", "product", "productid"}
	valueWords = []string{"rating", "value", "val", "x", "score", "count", "v"}
)

// knownColumns finds the columns of triplets by their names. A header that has
// types and no column of values counts each line as 1.
func knownColumns(names []string) (at [3]int, found bool) {
	at = [3]int{-1, -1, -1}
	for k, name := range names {
		name, _, _ = strings.Cut(strings.ToLower(name), ":")
		name = strings.NewReplacer("_", "", " ", "").Replace(name)
		for what, words := range [][]string{rowWords, colWords, valueWords} {
			if at[what] < 0 && slices.Contains(words, name) {
				at[what] = k
			}
		}
	}
	return at, at[0] >= 0 && at[1] >= 0 && (at[2] >= 0 || isTyped(names))
}

// planTriplets decides which columns hold row, column and value.
func (s *source) planTriplets(p *plan, names []string, line int) error {
	if p.width < 2 {
		return s.at(line, 0, ErrFormat, "there is one field (delimiter: %s); of triplets, row, column and value are wanted", delimName(p.delim))
	}
	at, found := knownColumns(names)
	switch {
	case len(s.o.Columns) > 0:
		at = [3]int{-1, -1, -1}
		for k, want := range s.o.Columns {
			c := slices.Index(names, want)
			if c < 0 && names != nil && isTyped(names) {
				c = slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, want+":") })
			}
			if n, err := strconv.Atoi(want); c < 0 && err == nil && n >= 1 && n <= p.width {
				c = n - 1
			}
			if c < 0 {
				return s.at(line, 0, ErrValue, "there is no column %q; there are %q, or numbers 1 to %d", want, names, p.width)
			}
			at[k] = c
		}
	case !found && isTyped(names):
		at = typedColumns(names)
		if at[1] < 0 {
			return s.at(line, 0, ErrFormat, "the header %q has fewer than two columns of type token; one for rows and one for columns are wanted", names)
		}
	case !found:
		at = [3]int{0, 1, 2}
		if p.width == 2 {
			at[2] = -1
		}
	}
	p.columns = at
	value := "1 for each line"
	if at[2] >= 0 {
		value = columnName(names, at[2])
	}
	p.notes = append(p.notes, "layout: triplets (row: "+columnName(names, at[0])+", column: "+columnName(names, at[1])+", value: "+value+")")
	return nil
}

// typedColumns are the first two tokens and the first number that is no time.
func typedColumns(names []string) [3]int {
	at := [3]int{-1, -1, -1}
	for k, name := range names {
		word, kind, _ := strings.Cut(name, ":")
		switch {
		case kind == "token" && at[0] < 0:
			at[0] = k
		case kind == "token" && at[1] < 0:
			at[1] = k
		case kind == "float" && at[2] < 0 && !strings.Contains(word, "time"):
			at[2] = k
		}
	}
	return at
}

func columnName(names []string, k int) string {
	if k < len(names) {
		return strconv.Quote(names[k])
	}
	return "field " + strconv.Itoa(k+1)
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
		if err := t.s.take(newName(x, name)); err != nil {
			return 0, err
		}
		return int(x.number(name)), nil
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

// newName is the memory that a name costs when it is new.
func newName(x *ids, name string) int64 {
	if _, known := x.at[name]; known {
		return 0
	}
	return int64(len(name)) + 64
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

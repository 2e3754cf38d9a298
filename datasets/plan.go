package datasets

import (
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

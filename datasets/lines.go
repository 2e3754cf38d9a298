package datasets

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// record is a line of a text table.
type record struct {
	fields []string
	line   int
	cols   []int // where each field begins, in bytes from 1
}

// records gives the lines of a table one by one, and at the end io.EOF. A
// record is valid until the next call.
type records interface{ next() (record, error) }

// csvRecords reads comma-separated values and their kin, with quotes.
type csvRecords struct {
	s   *source
	r   *csv.Reader
	rec record
}

func newCSVRecords(s *source, r io.Reader, delim rune) *csvRecords {
	c := csv.NewReader(r)
	c.Comma, c.Comment, c.FieldsPerRecord, c.ReuseRecord = delim, '#', -1, true
	c.TrimLeadingSpace = delim != '\t'
	return &csvRecords{s: s, r: c}
}

func (c *csvRecords) next() (record, error) {
	for {
		fields, err := c.r.Read()
		var parse *csv.ParseError
		switch {
		case errors.As(err, &parse):
			return record{}, c.s.at(parse.Line, parse.Column, ErrFormat, "%v; a field that holds a quote or the delimiter stands between quotes, with quotes doubled: \"say \"\"so\"\"\"", parse.Err)
		case err == io.EOF:
			return record{}, io.EOF
		case err != nil:
			return record{}, c.s.readError(err)
		}
		line, _ := c.r.FieldPos(0)
		if len(fields) == 1 && strings.TrimSpace(fields[0]) == "" { // a line of blanks
			continue
		}
		c.rec.fields, c.rec.line, c.rec.cols = fields, line, c.rec.cols[:0]
		for k := range fields {
			_, col := c.r.FieldPos(k)
			c.rec.cols = append(c.rec.cols, col)
		}
		return c.rec, nil
	}
}

// lineReader reads lines of fields between a separator, without quotes, or
// between white space, where a field may stand in quotes. Blank lines and comments are left out.
type lineReader struct {
	s       *source
	r       *bufio.Reader
	sep     string // "" for white space
	comment string // what a comment begins with
	line    int    // of the last line, from 1
	fields  []string
	cols    []int
}

// raw returns the next line without its end.
func (l *lineReader) raw() (string, error) {
	text, err := l.r.ReadString('\n')
	if text == "" && err != nil {
		if err != io.EOF {
			err = l.s.readError(err)
		}
		return "", err
	}
	if err != nil && err != io.EOF {
		return "", l.s.readError(err)
	}
	l.line++
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), nil
}

// split returns the fields of the next line that has some.
func (l *lineReader) split() error {
	for {
		text, err := l.raw()
		if err != nil {
			return err
		}
		if blank := strings.TrimSpace(text); blank == "" || strings.HasPrefix(blank, l.comment) {
			continue
		}
		l.fields, l.cols = l.fields[:0], l.cols[:0]
		if l.sep != "" {
			at := 0
			for _, f := range strings.Split(text, l.sep) {
				l.fields, l.cols = append(l.fields, f), append(l.cols, at+1)
				at += len(f) + len(l.sep)
			}
			return nil
		}
		l.words(text)
		return nil
	}
}

// words splits a line at white space that is not between quotes, as R writes
// names. A field that begins with a quote ends behind the next one.
func (l *lineReader) words(text string) {
	for at := 0; ; {
		for at < len(text) && isSpace(text[at]) {
			at++
		}
		if at == len(text) {
			return
		}
		l.cols = append(l.cols, at+1)
		if end := strings.IndexByte(text[at+1:], '"'); text[at] == '"' && end >= 0 {
			l.fields = append(l.fields, text[at+1:at+1+end])
			at += end + 2
			continue
		}
		end := at
		for end < len(text) && !isSpace(text[end]) {
			end++
		}
		l.fields = append(l.fields, text[at:end])
		at = end
	}
}

func (l *lineReader) col(k int) int { return l.cols[k] }

// next is for readers that know what a line holds.
func (l *lineReader) next() ([]string, error) {
	err := l.split()
	return l.fields, err
}

// lineRecords is a lineReader as records.
type lineRecords struct{ *lineReader }

func (l lineRecords) next() (record, error) {
	err := l.split()
	return record{l.fields, l.line, l.cols}, err
}

// newRecords reads r with the delimiter that delims lists.
func newRecords(s *source, r *bufio.Reader, delim string) records {
	switch delim {
	case "::":
		return lineRecords{&lineReader{s: s, r: r, sep: delim, comment: "#"}}
	case " ":
		return lineRecords{&lineReader{s: s, r: r, comment: "#"}}
	}
	c, _ := utf8.DecodeRuneInString(delim)
	return newCSVRecords(s, r, c)
}

// validDelimiter reports whether newRecords takes delim, or "" is to be found.
func validDelimiter(delim string) bool {
	if delim == "" || delim == "::" {
		return true
	}
	c, size := utf8.DecodeRuneInString(delim)
	return size == len(delim) && c != utf8.RuneError && !strings.ContainsRune("\"\r\n#\x00\ufeff", c)
}

// delims are what a delimiter may be, the rarest in other roles first.
var delims = []string{"::", "\t", ";", "|", ",", " "}

var delimNames = map[string]string{"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "white space", "::": "::"}

func delimName(delim string) string {
	if name, ok := delimNames[delim]; ok {
		return name
	}
	return strconv.Quote(delim)
}

// findDelim returns the first delimiter that cuts all lines of the sample into
// as many fields, two at least; the first line may lack one, as R writes it.
// Else it is the first that cuts any line, else the comma.
func (s *source) findDelim(sample []byte) string {
	fallback := ","
	found := false
	for _, delim := range delims {
		if delim == "," && s.o.DecimalComma {
			continue
		}
		recs := s.sample(sample, delim)
		if len(recs) == 0 {
			continue
		}
		last := recs[len(recs)-1]
		n, same := len(last.fields), true
		for k, rec := range recs {
			same = same && (len(rec.fields) == n || k == 0 && len(recs) > 1 && len(rec.fields) == n-1)
		}
		if same && n >= 2 {
			return delim
		}
		if n >= 2 && !found && delim != " " {
			fallback, found = delim, true
		}
	}
	return fallback
}

// sampleRecords is how many lines detection looks at.
const sampleRecords = 100

// sample parses the first lines, as far as that works.
func (s *source) sample(b []byte, delim string) []record {
	quiet := &source{name: s.name, o: s.o}
	rs := newRecords(quiet, bufio.NewReader(strings.NewReader(string(b))), delim)
	var recs []record
	for len(recs) < sampleRecords {
		rec, err := rs.next()
		if err != nil {
			break
		}
		recs = append(recs, record{slices.Clone(rec.fields), rec.line, slices.Clone(rec.cols)})
	}
	return recs
}

// missingWords stand for a missing value.
var missingWords = []string{"", "nan", "na", "n/a", "null", "none", "-", "?"}

func (s *source) missing(field string) bool {
	for _, w := range missingWords {
		if strings.EqualFold(field, w) {
			return true
		}
	}
	return slices.Contains(s.o.Missing, field)
}

// value reads a number, NaN for one that is missing.
func (s *source) value(field string, line, col int) (float64, error) {
	field = strings.TrimSpace(field)
	if s.missing(field) {
		return math.NaN(), nil
	}
	v, err := s.parse(field)
	switch {
	case err == nil && !math.IsInf(v, 0) && !math.IsNaN(v):
		return v, nil
	case err == nil || errors.Is(err, strconv.ErrRange):
		return 0, s.at(line, col, ErrValue, "%.40q is not finite as a float64; a finite number is wanted, or an empty cell or NaN where it is missing", field)
	case !s.o.DecimalComma && strings.Count(field, ",") == 1 && isNumber(strings.Replace(field, ",", ".", 1)):
		return 0, s.at(line, col, ErrValue, "%q looks like a number with a decimal comma; set DecimalComma (lowrank: --decimal-comma) to read it so", field)
	case !utf8.ValidString(field):
		return 0, s.at(line, col, ErrFormat, "%.40q is not UTF-8; UTF-8 is wanted (iconv -f latin1 -t utf-8)", field)
	}
	return 0, s.at(line, col, ErrValue, "%.40q is no number; a number is wanted, or an empty cell or NaN where it is missing (Missing can name other words)", field)
}

func (s *source) parse(field string) (float64, error) {
	if s.o.DecimalComma {
		if strings.Contains(field, ".") {
			return 0, strconv.ErrSyntax
		}
		field = strings.Replace(field, ",", ".", 1)
	}
	return strconv.ParseFloat(field, 64)
}

func isNumber(field string) bool {
	_, err := strconv.ParseFloat(field, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// isValue reports whether a field can be a cell of a matrix.
func (s *source) isValue(field string) bool {
	_, err := s.value(field, 0, 0)
	return err == nil
}

// nameOf checks a name of a row or column.
func (s *source) nameOf(field string, line, col int) (string, error) {
	if !utf8.ValidString(field) {
		return "", s.at(line, col, ErrFormat, "%.40q is not UTF-8; UTF-8 is wanted (iconv -f latin1 -t utf-8)", field)
	}
	return strings.TrimSpace(field), nil
}

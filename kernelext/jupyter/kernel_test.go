//go:build unix

package jupyter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/lowrankgo/lowrank/kernelext/engine"
)

func TestKernelInfo(t *testing.T) {
	c := startKernel(t, "tcp")
	for _, channel := range []string{"shell", "control"} {
		id := c.send(channel, "kernel_info_request", map[string]any{})
		got := c.reply(channel)
		language := got["language_info"].(map[string]any)
		for key, want := range map[string]any{"status": "ok", "protocol_version": "5.4", "implementation": "test",
			"implementation_version": "1.2.3", "banner": "hello"} {
			if got[key] != want {
				t.Errorf("%s: %s is %v, want %v", channel, key, got[key], want)
			}
		}
		for key, want := range map[string]any{"name": "go", "mimetype": "text/x-go", "file_extension": ".go",
			"pygments_lexer": "go", "codemirror_mode": "go"} {
			if language[key] != want {
				t.Errorf("language_info %s is %v, want %v", key, language[key], want)
			}
		}
		if got := c.until(id); !reflect.DeepEqual(got, []string{"status:busy", "status:idle"}) {
			t.Errorf("%s: iopub sent %q", channel, got)
		}
	}
}

func TestExecuteOrder(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		t.Run(transport, func(t *testing.T) {
			c := startKernel(t, transport)
			code := "print a\nprint b\nshow c\nerr d\nprint e\nvalue f"
			reply, got := c.execute(map[string]any{"code": code})
			want := []string{"status:busy", "execute_input:" + code, "stream:ab", "display_data:c", "stream:d", "stream:e",
				"execute_result:f", "status:idle"}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("iopub sent\n%q, want\n%q", got, want)
			}
			if reply["status"] != "ok" || reply["execution_count"] != 1.0 {
				t.Errorf("reply %v", reply)
			}
		})
	}
}

func TestStreamsWhileRunning(t *testing.T) {
	c := startKernel(t, "tcp")
	c.send("shell", "execute_request", map[string]any{"code": "print now\nblock"})
	if got := c.want(c.iopub, "stream").object(t)["text"]; got != "now" {
		t.Errorf("stream %v", got)
	}
	if len(c.replies["shell"]) > 0 {
		t.Error("the reply came before the cell ended")
	}
}

func TestIdleFollowsTheReply(t *testing.T) {
	c := startKernel(t, "tcp")
	for range 20 {
		c.send("shell", "execute_request", map[string]any{"code": "value 1"})
		c.reply("shell")
		start := time.Now()
		for c.want(c.iopub, "status").object(t)["execution_state"] != "idle" {
		}
		if d := time.Since(start); d > 100*time.Millisecond {
			t.Fatalf("idle came %v after the reply", d)
		}
	}
}

func TestSilentAndHistory(t *testing.T) {
	c := startKernel(t, "tcp")
	reply, got := c.execute(map[string]any{"code": "print a\nvalue b", "silent": true})
	if !reflect.DeepEqual(got, []string{"status:busy", "status:idle"}) || reply["execution_count"] != 0.0 {
		t.Errorf("silent: iopub %q, reply %v", got, reply)
	}
	reply, _ = c.execute(map[string]any{"code": "value x", "store_history": false})
	if reply["execution_count"] != 0.0 {
		t.Errorf("store_history false: count %v", reply["execution_count"])
	}
	for _, code := range []string{"value one", "print two", "value one"} {
		c.execute(map[string]any{"code": code})
	}
	for name, q := range map[string]struct {
		request map[string]any
		want    string
	}{
		"tail":   {map[string]any{"hist_access_type": "tail", "n": 2}, "[[1 2 print two] [1 3 value one]]"},
		"range":  {map[string]any{"hist_access_type": "range", "session": 0, "start": 1, "stop": 3}, "[[1 1 value one] [1 2 print two]]"},
		"search": {map[string]any{"hist_access_type": "search", "pattern": "value*", "unique": true}, "[[1 3 value one]]"},
		"output": {map[string]any{"hist_access_type": "tail", "n": 1, "output": true}, "[[1 3 [value one one]]]"},
	} {
		c.send("shell", "history_request", q.request)
		if got := fmt.Sprint(c.reply("shell")["history"]); got != q.want {
			t.Errorf("%s: %s, want %s", name, got, q.want)
		}
	}
	c.send("shell", "history_request", map[string]any{"hist_access_type": "all"})
	if got := c.reply("shell"); got["status"] != "error" || !strings.Contains(fmt.Sprint(got["evalue"]), `"all"`) {
		t.Errorf("unknown access type: %v", got)
	}
}

func TestErrorsAndUserExpressions(t *testing.T) {
	c := startKernel(t, "tcp")
	reply, got := c.execute(map[string]any{"code": "print p\nfail why"})
	want := []string{"status:busy", "execute_input:print p\nfail why", "stream:p", "error:why", "status:idle"}
	if !reflect.DeepEqual(got, want) || reply["ename"] != "Failed" || fmt.Sprint(reply["traceback"]) != "[Failed: why]" {
		t.Errorf("iopub %q, reply %v", got, reply)
	}
	reply, _ = c.execute(map[string]any{"code": "panic oh"})
	if reply["ename"] != "EngineError" {
		t.Errorf("a panic of the engine: %v", reply)
	}
	reply, _ = c.execute(map[string]any{"code": "value 1", "user_expressions": map[string]string{"a": "value 2", "b": "fail no", "c": ""}})
	e := reply["user_expressions"].(map[string]any)
	if fmt.Sprint(e["a"]) != "map[data:map[text/plain:2] metadata:map[] status:ok]" || e["b"].(map[string]any)["ename"] != "Failed" ||
		e["c"].(map[string]any)["status"] != "ok" {
		t.Errorf("user expressions %v", e)
	}
}

func TestAbortAfterError(t *testing.T) {
	c := startKernel(t, "tcp")
	c.send("shell", "execute_request", map[string]any{"code": "block"})
	<-c.engine.started
	c.send("shell", "execute_request", map[string]any{"code": "value 1"})
	c.send("shell", "kernel_info_request", map[string]any{})
	time.Sleep(200 * time.Millisecond) // they are in the queue now
	c.send("control", "interrupt_request", map[string]any{})
	var got []string
	for range 3 {
		m := c.receive(c.replies["shell"])
		got = append(got, fmt.Sprint(m.header.MsgType, " ", m.object(t)["status"]))
	}
	if want := []string{"execute_reply error", "execute_reply aborted", "kernel_info_reply ok"}; !reflect.DeepEqual(got, want) {
		t.Errorf("replies %q, want %q", got, want)
	}
	if reply, _ := c.execute(map[string]any{"code": "value 2"}); reply["status"] != "ok" {
		t.Errorf("a later cell: %v", reply)
	}
	c.send("shell", "execute_request", map[string]any{"code": "fail x", "stop_on_error": false})
	c.send("shell", "execute_request", map[string]any{"code": "value 3"})
	c.reply("shell")
	if reply := c.reply("shell"); reply["status"] != "ok" {
		t.Errorf("after an error with stop_on_error false: %v", reply)
	}
}

func TestInterrupt(t *testing.T) {
	c := startKernel(t, "tcp")
	for name, interrupt := range map[string]func(){
		"message": func() {
			c.send("control", "interrupt_request", map[string]any{})
			if got := c.reply("control")["status"]; got != "ok" {
				t.Errorf("interrupt_reply %v", got)
			}
		},
		"SIGINT": func() {
			if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		},
	} {
		c.send("shell", "execute_request", map[string]any{"code": "value kept\nblock"})
		<-c.engine.started
		start := time.Now()
		interrupt()
		reply := c.reply("shell")
		if reply["ename"] != "Interrupted" || time.Since(start) > 100*time.Millisecond {
			t.Errorf("%s: %v after %v", name, reply["ename"], time.Since(start))
		}
	}
	c.send("control", "interrupt_request", map[string]any{}) // with nothing to interrupt
	if got := c.reply("control")["status"]; got != "ok" {
		t.Errorf("idle interrupt: %v", got)
	}
	if reply, _ := c.execute(map[string]any{"code": "value 1"}); reply["status"] != "ok" {
		t.Errorf("after interrupts: %v", reply)
	}
}

func TestOtherRequests(t *testing.T) {
	c := startKernel(t, "tcp")
	for _, q := range []struct {
		kind    string
		request map[string]any
		want    map[string]any
	}{
		{"complete", map[string]any{"code": "ab", "cursor_pos": 2}, map[string]any{"status": "ok", "cursor_end": 2.0, "matches": []any{"ab!"}}},
		{"is_complete", map[string]any{"code": "f {"}, map[string]any{"status": "incomplete", "indent": "\t"}},
		{"is_complete", map[string]any{"code": "1"}, map[string]any{"status": "complete"}},
		{"inspect", map[string]any{"code": "f", "cursor_pos": 1}, map[string]any{"status": "ok", "found": false}},
		{"comm_info", map[string]any{}, map[string]any{"status": "ok", "comms": map[string]any{}}},
		{"complete", map[string]any{"code": 7}, map[string]any{"status": "error"}},
	} {
		c.send("shell", q.kind+"_request", q.request)
		m := c.receive(c.replies["shell"])
		got := m.object(t)
		for key, want := range q.want {
			if !reflect.DeepEqual(got[key], want) {
				t.Errorf("%s: %s is %v, want %v", m.header.MsgType, key, got[key], want)
			}
		}
	}
	id := c.send("shell", "comm_open", map[string]any{"comm_id": "x", "target_name": "nobody"})
	if got := c.until(id); !reflect.DeepEqual(got, []string{"status:busy", "comm_close:<nil>", "status:idle"}) {
		t.Errorf("comm_open: %q", got)
	}
}

func TestHeartbeat(t *testing.T) {
	c := startKernel(t, "tcp")
	for _, beat := range []string{"ping", "", "pong"} {
		if err := c.hb.Send(zmq4.NewMsgString(beat)); err != nil {
			t.Fatal(err)
		}
		if m, err := c.hb.Recv(); err != nil || string(m.Bytes()) != beat {
			t.Errorf("heartbeat %q came back as %q, %v", beat, m.Bytes(), err)
		}
	}
}

func TestBadMessagesAreDropped(t *testing.T) {
	c := startKernel(t, "tcp")
	h := header{MsgID: "x", MsgType: "execute_request"}
	good, err := c.signer.encode(nil, h, nil, map[string]any{"code": "value bad"})
	if err != nil {
		t.Fatal(err)
	}
	change := func(i int, to string) [][]byte {
		f := append([][]byte(nil), good...)
		f[i] = []byte(to)
		return f
	}
	for _, frames := range [][][]byte{
		change(1, strings.Repeat("0", 64)), change(1, ""), change(5, `{"code":"value other"}`), change(0, "<IDS>"),
		good[:5], good[:1], {[]byte("")}, c.resign(change(2, "{")), c.resign(change(5, "[]")), c.resign(change(5, "null")), c.resign(change(2, "{}")),
	} {
		c.sendFrames("shell", frames)
		c.sendFrames("control", frames)
	}
	reply, _ := c.execute(map[string]any{"code": "value alive"})
	if reply["execution_count"] != 1.0 {
		t.Errorf("reply %v: a bad message was executed", reply)
	}
}

// resign signs frames of a message again.
func (c *client) resign(frames [][]byte) [][]byte {
	frames[1] = c.signer.sign(frames[2:6])
	return frames
}

// TestHostileConnections speaks to the ports below ZeroMQ.
func TestHostileConnections(t *testing.T) {
	c := startKernel(t, "tcp")
	greeting := append([]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0}, make([]byte, 52)...)
	copy(greeting[12:], "NULL")
	ready := "\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
	for name, bytes := range map[string]string{
		"noise":     "GET / HTTP/1.1\r\n\r\n",
		"truncated": string(greeting[:20]),
		"oversized": string(greeting) + "\x04" + string(rune(len(ready))) + ready + "\x02\x7f\xff\xff\xff\xff\xff\xff\xff",
		"huge":      string(greeting) + "\x06\x00\x00\x00\x00\xff\xff\xff\xff",
	} {
		for _, port := range []int{c.conn.ShellPort, c.conn.ControlPort, c.conn.HBPort, c.conn.IOPubPort} {
			s, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(s, bytes); err != nil {
				t.Fatal(err)
			}
			if port != c.conn.IOPubPort && (name == "oversized" || name == "huge") { // a publisher refuses a DEALER anyway
				s.SetReadDeadline(time.Now().Add(5 * time.Second))
				if _, err := io.Copy(io.Discard, s); errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%s: the connection stays open", name)
				}
			}
			s.Close()
		}
	}
	if reply, _ := c.execute(map[string]any{"code": "value alive"}); reply["status"] != "ok" {
		t.Errorf("reply %v", reply)
	}
}

func TestShutdown(t *testing.T) {
	for _, restart := range []bool{false, true} {
		c := startKernel(t, "tcp")
		c.send("shell", "execute_request", map[string]any{"code": "block"}) // it must not hold the kernel
		<-c.engine.started
		c.send("control", "shutdown_request", map[string]any{"restart": restart})
		if got := c.reply("control"); got["restart"] != restart || got["status"] != "ok" {
			t.Errorf("reply %v", got)
		}
		c.want(c.iopub, "shutdown_reply")
		select {
		case err := <-c.ended:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(3 * time.Second):
			t.Fatal("Serve did not return")
		}
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.conn.ShellPort)); err == nil {
			conn.Close()
			t.Error("the shell port is still open")
		}
	}
}

func TestServeErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := taken.Addr().(*net.TCPAddr).Port
	newEngine := func() (engine.Engine, error) { return nil, errors.New("no engine today") }
	free := freePorts(t, 5)
	conn := func(transport, ip, scheme string, shell int) string {
		return fmt.Sprintf(`{"transport":%q,"ip":%q,"key":"k","signature_scheme":%q,"shell_port":%d,"iopub_port":%d,"stdin_port":%d,"control_port":%d,"hb_port":%d}`,
			transport, ip, scheme, shell, free[1], free[2], free[3], free[4])
	}
	for name, c := range map[string]struct{ file, want string }{
		"not json":  {"{", "connection"},
		"transport": {conn("udp", "127.0.0.1", "hmac-sha256", free[0]), `"udp"`},
		"no ip":     {conn("tcp", "", "hmac-sha256", free[0]), "ip is empty"},
		"scheme":    {conn("tcp", "127.0.0.1", "hmac-md5", free[0]), `"hmac-md5"`},
		"port":      {conn("tcp", "127.0.0.1", "hmac-sha256", 70000), "70000"},
		"taken":     {conn("tcp", "127.0.0.1", "hmac-sha256", p), "shell channel"},
		"engine":    {conn("tcp", "127.0.0.1", "hmac-sha256", free[0]), "no engine today"},
	} {
		file := filepath.Join(t.TempDir(), "connection.json")
		if err := os.WriteFile(file, []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Serve(context.Background(), file, newEngine, Info{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
	if err := Serve(context.Background(), filepath.Join(t.TempDir(), "none"), newEngine, Info{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	good, err := signer("k").encode([][]byte{[]byte("id")}, header{MsgType: "x"}, nil, map[string]any{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[0], good[2], good[3], good[6])
	f.Add([]byte("<IDS|MSG>"), []byte(""), []byte("{}"), []byte("{}"))
	f.Fuzz(func(t *testing.T, id, signature, head, content []byte) {
		frames := [][]byte{id, delimiter, signature, head, []byte("{}"), []byte("{}"), content}
		m, err := signer("k").decode(frames)
		if err == nil && (m.header.MsgType == "" || string(signature) != string(signer("k").sign(frames[3:]))) {
			t.Fatal("a bad message was accepted")
		}
	})
}

func FuzzGuard(f *testing.F) {
	f.Add([]byte("\x00\x05abcde\x02\x00\x00\x00\x00\x00\x00\x00\x01x"), 3)
	f.Add([]byte("\x02\xff\xff\xff\xff\xff\xff\xff\xff"), 1)
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		if piece < 1 {
			return
		}
		whole, cut := testGuard(), testGuard()
		first := whole.follow(append(make([]byte, greetingSize), data...))
		var second error
		for rest := append(make([]byte, greetingSize), data...); len(rest) > 0 && second == nil; {
			n := min(piece, len(rest))
			second = cut.follow(rest[:n])
			rest = rest[n:]
		}
		if (first == nil) != (second == nil) || whole.skip != cut.skip {
			t.Fatalf("in one piece: %v, %d bytes to come; in pieces: %v, %d", first, whole.skip, second, cut.skip)
		}
	})
}

func testGuard() *guardedConn {
	a, _ := net.Pipe()
	return &guardedConn{Conn: a, guard: &guard{refused: func(error) {}, subscribed: func(string) {}}, skip: greetingSize}
}

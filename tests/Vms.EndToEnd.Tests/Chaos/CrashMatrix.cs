using System.Globalization;
using System.Text;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Chaos;

/// <summary>What one fault cost.</summary>
/// <param name="LostMs">Footage that is in no file, of the camera that lost most.</param>
/// <param name="Booked">What the gap ledger says of that time, by cause, of the same; empty for nothing.</param>
/// <param name="BackMs">From the kill until a new process runs, or from the end of the fault; and until control says that it is ready.</param>
internal sealed record MatrixCell(double LostMs, string Booked, double BackMs)
{
    /// <summary>As it stands in the page.</summary>
    public override string ToString() => Whole(LostMs) + (Booked.Length > 0 ? $" ({Booked})" : "");

    public static string Whole(double number) => Math.Round(number).ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>Faults and what they cost; becomes <c>docs/ref/crash-matrix.md</c>.</summary>
internal sealed class CrashMatrix
{
    public static readonly string[] Processes = ["control", "media", "recorder", "ai", "PostgreSQL", "nats"];

    private readonly Dictionary<(string Row, string Fault), MatrixCell> _cells = [];
    private readonly List<(string Row, MatrixCell Cell, string Remark)> _rows = [];

    public void Add(string process, string fault, MatrixCell cell)
    {
        _cells[(process, fault)] = cell;
        Soak.Measured($"{process}, {fault}: {cell} ms lost, back after {MatrixCell.Whole(cell.BackMs)} ms");
    }

    /// <summary>A row of its own, for what is no process.</summary>
    public void AddRow(string fault, MatrixCell cell, string remark)
    {
        _rows.Add((fault, cell, remark));
        Soak.Measured($"{fault}: {cell} ms lost; {remark}");
    }

    public IEnumerable<(string Name, MatrixCell Cell)> Cells =>
        _cells.Select(c => ($"{c.Key.Row}, {c.Key.Fault}", c.Value)).Concat(_rows.Select(r => (r.Row, r.Cell)));

    public void Write(int cameras)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Crash matrix

            Milliseconds of footage that were lost for good, of the camera that lost most, when a process dies or stands still, or the disk fails. Written by `./dev chaos`
            from one run of the whole product with {cameras} simulated cameras, on the machine where it was run last; in brackets what the gap ledger says of that time.

            ## Processes

            | process | killed (`SIGKILL`) | a new one runs after | stands still for 10 s (`SIGSTOP`) | control is ready after |
            | --- | --- | --- | --- | --- |

            """);
        foreach (var process in Processes)
        {
            var (killed, stopped) = (_cells[(process, "killed")], _cells[(process, "stopped")]);
            page.Append(CultureInfo.InvariantCulture, $"| {process} | {killed} | {MatrixCell.Whole(killed.BackMs)} ms | {stopped} | {MatrixCell.Whole(stopped.BackMs)} ms |\n");
        }

        page.Append(
            """

            Media is the one that holds the cameras' connections: what they send while it is away nobody receives. The cameras here send 600 kbit/s, so while it stands still the sockets' buffers keep a part of it. What is lost is on the books as `mediaRestart` or
            `cameraOffline`, and the timeline shows it. A process that stands still for longer than the supervisor's patience (10 s without a good answer) is killed and started again, so a row may hold either.

            ## Several at once, and the disk

            | fault | lost, ms | what was done |
            | --- | --- | --- |

            """);
        foreach (var (row, cell, remark) in _rows)
            page.Append(CultureInfo.InvariantCulture, $"| {row} | {cell} | {remark} |\n");
        page.Append(
            """

            ## How it is measured

            - Every frame of a simulated camera carries its number. Lost is what is in no recorded file of the numbers that were sent between a moment before the fault and the moment when all
              cameras recorded again. No frame may be recorded twice.
            - *Power cut*: the system calls of the recorder are written down while it records. For every moment the files are put together again as the disk has them in the worst case: with what a completed
              `syncfs` or `fsync` had promised, and nothing else. The state that lost most is then given back to the product, which has to go on from it, record every frame once, and find nothing wrong with its index. What was
              captured while the power is away is no part of the figure. The bound is a fragment (1 s), a look at the stream logs (0.4 s), a commit interval (1 s) and the longest commit.
            - *Disk slow* and *disk full*: what the disk does not take waits in the recorder's queue and in the stream logs, which hold 30 s.

            The promise: zero for every process but media, and for every outage up to 30 s. `./dev chaos` fails when it is broken.

            """);
        File.WriteAllText(Path.Combine(TestPaths.Repository, "docs", "ref", "crash-matrix.md"), page.ToString());
    }
}

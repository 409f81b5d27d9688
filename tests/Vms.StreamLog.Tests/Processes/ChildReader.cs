namespace Vms.StreamLog.Tests.Processes;

/// <summary>
/// A reader process: <c>child-reader DIRECTORY NAME REPORT-EVERY</c>. Says <c>ready SEQUENCE</c>, copies and checks every sample, says
/// <c>at EPOCH NEXT-SEQUENCE</c> after each REPORT-EVERY samples (0 = never). When its standard input ends it drains the log and
/// says <c>done ACCEPTED LOST OVERRUNS REFUSED CORRUPT MOVES NEXT-SEQUENCE</c>.
/// </summary>
internal static class ChildReader
{
    internal static int Run(string[] args)
    {
        if (!StreamLogReader.TryOpen(new StreamLogDirectory(args[0]), args[1], TimeProvider.System, out StreamLogReader? reader))
            return 1;
        using StreamLogReader opened = reader;
        long reportEvery = long.Parse(args[2]);
        Console.WriteLine($"ready {reader.NextSequence}");

        using ParentWatch parent = ParentWatch.Start();
        var counts = new ReadCounts();
        var wait = new SpinWait();
        while (true)
        {
            bool last = parent.Ended;
            if (counts.ReadOne(reader))
                wait.Reset();
            else if (last)
                break;
            else
                wait.SpinOnce();
            if (reportEvery > 0 && counts.Accepted % reportEvery == 0 && counts.JustAccepted)
                Console.WriteLine($"at {reader.Epoch} {reader.NextSequence}");
        }

        Console.WriteLine($"done {counts.Accepted} {counts.Lost} {counts.Overruns} {counts.Refused} {counts.Corrupt} {counts.Moves} {reader.NextSequence}");
        return 0;
    }
}

namespace Vms.StreamLog.Tests.Processes;

/// <summary>
/// A writer process: <c>child-writer DIRECTORY NAME CAPACITY MAX-CAPACITY MIN-LENGTH MAX-LENGTH</c>. Says
/// <c>ready EPOCH REOPENED NEXT-SEQUENCE</c>, appends at full speed until its standard input ends, then says <c>done NEXT-SEQUENCE</c>.
/// </summary>
internal static class ChildWriter
{
    internal static int Run(string[] args)
    {
        var options = new StreamLogOptions { InitialCapacityBytes = long.Parse(args[2]), MaxCapacityBytes = long.Parse(args[3]) };
        int minLength = int.Parse(args[4]), maxLength = int.Parse(args[5]);
        using StreamLogWriter writer = StreamLogWriter.Open(new StreamLogDirectory(args[0]), args[1], options, TimeProvider.System);
        writer.SetTracks([TestSamples.Video]);
        Console.WriteLine($"ready {writer.Epoch} {writer.Reopened} {writer.NextSequence}");

        using ParentWatch parent = ParentWatch.Start();
        var payload = new byte[maxLength];
        while (!parent.Ended)
        {
            long sequence = writer.NextSequence;
            Span<byte> sample = payload.AsSpan(0, TestSamples.LengthOf(sequence, minLength, maxLength));
            TestSamples.FillPayload(sample, sequence);
            writer.Append(TestSamples.HeaderOf(sequence), sample);
        }

        Console.WriteLine($"done {writer.NextSequence}");
        return 0;
    }
}

namespace Vms.StreamLog.Tests.Processes;

/// <summary>Knows when standard input has ended: the test wants this process to finish, or has died.</summary>
internal sealed class ParentWatch : IDisposable
{
    private volatile bool _ended;

    internal bool Ended => _ended;

    internal static ParentWatch Start()
    {
        var watch = new ParentWatch();
        var thread = new Thread(() =>
        {
            Stream input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
                continue;
            watch._ended = true;
        })
        { IsBackground = true };
        thread.Start();
        return watch;
    }

    public void Dispose() => _ended = true;
}

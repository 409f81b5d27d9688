using Microsoft.Extensions.Logging.Abstractions;
using Vms.Testing.Servers;

namespace Vms.Bus.Tests;

/// <summary>A running connection and its loop.</summary>
public sealed class TestBus : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private TestBus(BusOptions options)
    {
        Connection = new BusConnection(options, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _running = Connection.RunAsync(_stop.Token);
    }

    public BusConnection Connection { get; }

    public JetStream JetStream => Connection.JetStream;

    public static BusOptions OptionsFor(string url) => new()
    {
        Url = url,
        ClientName = "tests",
        ReconnectDelayMin = TimeSpan.FromMilliseconds(20),
        ReconnectDelayMax = TimeSpan.FromMilliseconds(200),
    };

    public static TestBus Start(string url, Func<BusOptions, BusOptions>? change = null)
    {
        var options = OptionsFor(url);
        return new TestBus(change?.Invoke(options) ?? options);
    }

    public static async Task<TestBus> ConnectAsync(PrivateNats nats, Func<BusOptions, BusOptions>? change = null)
    {
        var bus = Start(nats.Url, change);
        await bus.ConnectedAsync();
        return bus;
    }

    public Task ConnectedAsync() => Connection.WaitUntilConnectedAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>The ordered stop of a process.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Connection.DisposeAsync();
        _stop.Dispose();
    }
}

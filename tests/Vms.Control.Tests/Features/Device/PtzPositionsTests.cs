using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Features.Ptz;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features.Device;

public sealed class PtzPositionsTests
{
    [Fact]
    public async Task What_moved_while_the_bus_was_away_is_told_when_it_is_back_and_only_where_it_stands_now()
    {
        await using var nats = await PrivateNats.StartAsync();
        var bus = new BusConnection(
            new BusOptions { Url = nats.Url, ClientName = "tests", ReconnectDelayMin = TimeSpan.FromMilliseconds(20), ReconnectDelayMax = TimeSpan.FromMilliseconds(200) },
            NullLogger<BusConnection>.Instance, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var connected = bus.RunAsync(stop.Token);
        using var log = new TestLog();
        using var loggers = LoggerFactory.Create(l => l.SetMinimumLevel(LogLevel.Debug).AddProvider(log));
        using var positions = new PtzPositions(bus, TimeProvider.System, loggers.CreateLogger<PtzPositions>());
        await positions.StartAsync(CancellationToken.None);
        positions.Moved("gate", "1");
        await Eventually.TrueAsync(async () => await ToldAsync("gate") == "1");

        await nats.KillAsync();
        positions.Moved("gate", "2");
        positions.Moved("yard", "7");
        await Eventually.TrueAsync(() => log.Lines.Any(l => l.Contains("cannot be told", StringComparison.Ordinal)));
        positions.Moved("gate", null);
        await nats.RestartAsync();
        await Eventually.TrueAsync(async () => (await ToldAsync("gate"), await ToldAsync("yard")) == ("", "7"));

        await positions.StopAsync(CancellationToken.None);
        await stop.CancelAsync();
        await connected;

        async Task<string?> ToldAsync(string camera)
        {
            try
            {
                var bucket = await bus.JetStream.EnsureBucketAsync(new KvConfig { Name = BusLayout.PtzBucket }, CancellationToken.None);
                return await bucket.GetAsync(camera, CancellationToken.None) is { } told ? JsonDocument.Parse(told.Value).RootElement.GetProperty("preset").GetString() : null;
            }
            catch (BusException)
            {
                return null;        // it is on its way back
            }
        }
    }
}

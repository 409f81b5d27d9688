using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Devices.Onvif;
using Vms.Control.Tests.Support;
using Vms.Testing.FakeDevice;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features.Device;

/// <summary>One control plane for many tests, each with devices of its own on addresses of their own.</summary>
public sealed class DeviceWorld : IAsyncLifetime
{
    private int _next = 1;
    private PrivateNats? _nats;

    internal ControlWorld Control { get; private set; } = null!;

    internal HttpClient Http => Control.Http;

    public async ValueTask InitializeAsync()
    {
        _nats = await PrivateNats.StartAsync();
        Control = await ControlWorld.StartAsync(new WorldSettings { Adjust = Patience, Nats = _nats.Url });
    }

    public async ValueTask DisposeAsync()
    {
        await Control.DisposeAsync();
        await _nats!.DisposeAsync();
    }

    /// <summary>What analysis is told of where the camera stands; null: nothing yet. Empty: at no preset.</summary>
    internal async Task<string?> PresetToldAsync(string camera)
    {
        var bucket = await Control.Services.GetRequiredService<BusConnection>().JetStream.EnsureBucketAsync(new KvConfig { Name = BusLayout.PtzBucket }, TestContext.Current.CancellationToken);
        if (await bucket.GetAsync(camera, TestContext.Current.CancellationToken) is not { } told)
            return null;
        using var document = JsonDocument.Parse(told.Value);
        return document.RootElement.GetProperty("preset").GetString();
    }

    /// <summary>A device and the camera that it was added as.</summary>
    internal async Task<DeviceCamera> OnboardAsync(Action<FakeDeviceQuirks>? quirks = null, FakeDeviceOptions? options = null)
    {
        var device = await StartAsync(quirks, options);
        var added = await Http.PostAsync("/api/cameras/onboard", new { ip = device.Options.Address.ToString(), port = device.Port, username = "admin", password = "secret" }, 201);
        return new DeviceCamera(device, added.Text("id")!);
    }

    internal async Task<FakeDevice> StartAsync(Action<FakeDeviceQuirks>? quirks = null, FakeDeviceOptions? options = null)
    {
        var device = await FakeDevice.StartAsync((options ?? new FakeDeviceOptions()) with { Address = new IPAddress([127, 0, 8, (byte)Interlocked.Increment(ref _next)]) });
        quirks?.Invoke(device.Quirks);
        return device;
    }

    internal Task<JsonElement> AuditAsync(string action, string camera) => Http.GetJsonAsync($"/api/audit?action={action}&subject={camera}");

    /// <summary>Devices of tests answer at once, or never.</summary>
    internal static void Patience(IServiceCollection services) => services
        .AddSingleton(new OnvifClientOptions { ConnectTimeout = TimeSpan.FromSeconds(2), AnswerTimeout = TimeSpan.FromSeconds(2) })
        .AddSingleton(new PullPointOptions { Wait = TimeSpan.FromSeconds(1), FirstPause = TimeSpan.FromMilliseconds(50) });
}

/// <summary>A device and its camera; the device goes with it.</summary>
internal sealed record DeviceCamera(FakeDevice Device, string Id) : IAsyncDisposable
{
    public string Url => $"/api/cameras/{Id}";

    public ValueTask DisposeAsync() => Device.DisposeAsync();
}

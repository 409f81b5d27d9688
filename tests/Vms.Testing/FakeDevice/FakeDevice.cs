using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Vms.Testing.FakeDevice;

/// <summary>
/// An ONVIF device: device, media, media 2, PTZ, imaging and event service as SOAP over real HTTP, written after the specifications and knowing nothing of
/// the client in the product. It takes requests strictly: an element in the wrong namespace or place is refused. Loopback only; any thread.
/// </summary>
public sealed class FakeDevice : IAsyncDisposable
{
    /// <summary>A JPEG of one grey pixel.</summary>
    public static readonly byte[] Snapshot = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AKp//2Q==");

    private readonly WebApplication _app;
    private readonly FakeAuthenticator _authenticator;
    private readonly FakeOperations _operations;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly CancellationTokenSource _stopping = new();

    private FakeDevice(FakeDeviceOptions options)
    {
        Options = options;
        _authenticator = new FakeAuthenticator(this);
        Events = new FakeEvents(this);
        Ptz = new FakePtz(this);
        Imaging = new FakeImaging();
        Relays = new FakeRelays();
        _operations = new FakeOperations(this);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Address, options.Port, listen =>
            {
                if (options.Certificate is { } certificate)
                    listen.UseHttps(certificate);
            });
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public FakeDeviceOptions Options { get; }

    public FakeDeviceQuirks Quirks { get; } = new();

    public int Port { get; private set; }

    public Uri Service => new($"{Scheme}://{Options.Address}:{Port.ToString(CultureInfo.InvariantCulture)}/onvif/device_service");

    public FakePtz Ptz { get; }

    public FakeImaging Imaging { get; }

    public FakeRelays Relays { get; }

    public FakeEvents Events { get; }

    /// <summary>Time servers that were set by hand.</summary>
    public IReadOnlyList<string> NtpServers { get; internal set; } = ["pool.ntp.example"];

    /// <summary>Operations in the order they came: "GetProfiles", "GET snapshot".</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Requests that carried credentials.</summary>
    public int LoginAttempts => _authenticator.Attempts;

    /// <summary>Those of them that were wrong.</summary>
    public int WrongPasswords => _authenticator.Wrong;

    /// <summary>Requests whose credentials held the password as it is.</summary>
    public int PasswordsInClear => _authenticator.Clear;

    /// <summary>By the device's clock.</summary>
    public DateTimeOffset Now => Options.Time.GetUtcNow() + Quirks.ClockOffset;

    private string Scheme => Options.Certificate is null ? "http" : "https";

    internal CancellationToken Stopping => _stopping.Token;

    public static async Task<FakeDevice> StartAsync(FakeDeviceOptions? options = null)
    {
        var device = new FakeDevice(options ?? new FakeDeviceOptions());
        await device._app.StartAsync();
        string address = device._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        device.Port = new Uri(address).Port;
        return device;
    }

    /// <summary>An address it tells.</summary>
    internal string AddressOf(string path, string? otherScheme = null)
    {
        string scheme = otherScheme ?? Scheme;
        string host = Quirks.ToldHost ?? (otherScheme is null ? $"{Options.Address}:{Port.ToString(CultureInfo.InvariantCulture)}" : $"{Options.Address}:554");
        string address = $"{scheme}://{host}{path}";
        return Quirks.PadsAddresses ? $"\n   {address}\t " : address;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
        if (context.Request.Method == "GET" && context.Request.Path == "/onvif/snapshot")
        {
            _requests.Enqueue("GET snapshot");
            if (!_authenticator.MayGet(context))
                return;
            context.Response.ContentType = "image/jpeg";
            await context.Response.Body.WriteAsync(Snapshot);
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        FakeRequest request;
        try
        {
            request = FakeRequest.Read(context, body.ToArray());
        }
        catch (FakeFaultException fault)
        {
            _requests.Enqueue("unreadable");
            await fault.WriteAsync(context);
            return;
        }

        _requests.Enqueue(request.Operation);
        try
        {
            if (await FakeBreakage.TryAnswerAsync(context, Quirks.Broken.GetValueOrDefault(request.Operation), _stopping.Token))
                return;
            if (!_authenticator.MayAsk(context, request))
                return;
            if (Quirks.Held.TryGetValue(request.Operation, out var held))
                await held.WaitAsync(_stopping.Token);
            string answer = await _operations.AnswerAsync(request, context);
            await FakeSoap.WriteAsync(context, StatusCodes.Status200OK, FakeBreakage.Break(answer, Quirks.Broken.GetValueOrDefault(request.Operation)));
        }
        catch (FakeFaultException fault)
        {
            await fault.WriteAsync(context);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }
}

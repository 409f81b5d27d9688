using Vms.Hosting;
using Vms.Hosting.Decoding;
using Vms.Media;
using Vms.Media.Egress.Sound;

if (args is [DecoderWorker.Argument])
{
    using var input = Console.OpenStandardInput();
    using var output = Console.OpenStandardOutput();
    return DecoderWorker.Run(input, output);
}

if (args is [SoundWorker.Argument])
{
    using var input = Console.OpenStandardInput();
    using var output = Console.OpenStandardOutput();
    return SoundWorker.Run(input, output);
}

return await PlaneMain.RunAsync("media", async () =>
{
    await using var app = MediaApp.Build(args);
    await app.RunAsync();
});

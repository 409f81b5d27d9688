using System.Reflection;

namespace Vms.Cli.Commands;

/// <summary>vms help, vms version.</summary>
internal static class Help
{
    private const int UsageExitCode = 64;

    public static int Show()
    {
        Console.Out.WriteLine("""
            vms up [--data DIR] [--port N] [--demo]   start everything in the foreground; Ctrl-C stops it in order
            vms status [--data DIR]                   ask every plane how it is
            vms verify PATH... [--key FILE]           prove that recordings are what was recorded, or say from which second on they are not;
                                                      PATH may be an export, too: its ZIP, folder or manifest.json
                                                      encrypted ones: the folder with their keys is given by --keys DIR
            vms verify --camera ID [--stream main] [--from TIME] [--to TIME] [--anchor FILE-OR-FOLDER] [--data DIR]
            vms index check [--level presence|size|hash] [--camera ID] [--data DIR]
                                                      compare the index with the recorded files
            vms index rebuild [--all] [--data DIR]    put the index right from the files; --all reads every one
            vms storage keys [--pool main] [--data DIR]
                                                      list the keys of encrypted recordings
            vms storage rotate-key [--pool main] [--pool-key] [--data DIR]
                                                      encrypt with a new key from now on; --pool-key: wrap all keys with a new pool key instead
            vms audit verify [--data DIR]             prove that the log of who did what is what was written
            vms user list [--data DIR]                list users and their roles
            vms user add NAME [--role viewer] [--data DIR]
                                                      add a user; the password is asked for, or read from the first line of the input
            vms user password|enable|disable|reset-totp NAME [--data DIR]
                                                      change a user; but for enable their sign-ins end
            vms status|audit verify|user … --server https://HOST:PORT [--certificate-sha256 HEX]
                                                      the same at another machine, with the API key of VMS_API_KEY or VMS_API_KEY_FILE; the certificate has
                                                      to be the pinned one, or one that this machine trusts. Exit code 2: it cannot be asked
            vms models list [--data DIR]              list the models that find objects, plates and faces
            vms models add FILE --adapter centernet|yolox|yolo|fastestdet [--labels coco|FILE] [--size 640x640] [--scores 0.3=0.5,0.6=0.9] [--name NAME] [--licence TEXT] [--data DIR]
                                                      try a model (ONNX) of your own, and take it when it finds what it has to
            vms models test NAME [JPEG] [--data DIR]  what a model finds, in a picture of yours
            vms models default NAME [--data DIR]      use it for all cameras that name no other
            vms models remove NAME [--data DIR]       take out a model of your own
            vms version                               print the version

            Settings come from the environment: VMS_DATA, VMS_HTTP_PORT, VMS_HTTPS_PORT, VMS_MEDIA_PORT, VMS_PLAYBACK_PORT, VMS_WEBRTC_PORT,
            VMS_RTSP_PORT, VMS_BIND, VMS_POSTGRES, VMS_NATS, VMS_ADMIN_PASSWORD, VMS_LOG_LEVEL. Secrets can be given as a file whose first line is the value:
            VMS_POSTGRES_FILE, VMS_NATS_FILE, VMS_ADMIN_PASSWORD_FILE.
            """);
        return 0;
    }

    public static int Version()
    {
        Console.Out.WriteLine($"vms {Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)}");
        return 0;
    }

    public static int Unknown(string command)
    {
        Console.Error.WriteLine($"vms: there is no command '{command}'");
        Show();
        return UsageExitCode;
    }
}
